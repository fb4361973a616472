import { type JoinKey, joinKeyFile } from '@joinery/agent/keys/join-key.ts'
import { memoryFiles } from '@joinery/agent/machine/rehearsal/memory-files.ts'

/** A join key as an agent makes it, on a machine without a disk. */
export const newJoinKey = (): Promise<JoinKey> => joinKeyFile(memoryFiles(), '/').load()
