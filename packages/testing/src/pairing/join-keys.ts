import { type JoinKey, joinKeyFile } from '@joinery/agent/testing/keys'
import { memoryFiles } from '@joinery/fake-machine'

/** Makes a join key as an agent makes it, on a machine without a disk. */
export const newJoinKey = (): Promise<JoinKey> => joinKeyFile(memoryFiles(), '/').load()
