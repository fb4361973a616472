import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { shellBlocks } from '../docs/page-files.ts'
import type { Bed } from './bed/bed.ts'
import type { DoorDesk } from './door-desk.ts'
import { root } from './product.ts'

/** The id that stands in the examples of the page. */
const sampleId = '6b6f7a39-5ad3-4f70-9a4b-0f2c5c1e9d11'

/** A user who types the commands of docs/how-to/kubernetes.md. */
export interface Typist {
  /** Settings of the user's shell. */
  env: Record<string, string>
  /**
   * The block of the page that has these words, about this enrolment, and with one text in place of another if a test needs that.
   * Throws if the page has no such block, or the block no such text.
   */
  block(words: string, id: string, change?: { of: string; to: string }): string
  /** Types a block, and gives what it prints. Rejects if a command of it fails. */
  type(block: string): Promise<string>
}

export const typist = async (bed: Bed, desk: DoorDesk, user: string): Promise<Typist> => {
  const blocks = shellBlocks(await readFile(join(root, 'docs/how-to/kubernetes.md'), 'utf8'))
  const env = { KUBECONFIG: await desk.kubeconfig(user) }
  return {
    env,
    block: (words, id, { of, to } = { of: '', to: '' }) => {
      const found = blocks.find((one) => one.includes(words))
      if (found === undefined) throw new Error(`the page has no block with ${words}`)
      if (!found.includes(of)) throw new Error(`the block has no ${of}:\n${found}`)
      return found.replace(of, to).replaceAll(sampleId, id)
    },
    type: async (block) => {
      const { code, stdout, stderr } = await bed.exec(['bash', '-e', '-o', 'pipefail', '-c', block], { env })
      if (code !== 0) throw new Error(`${block}: exit status ${code}\n${stderr}`)
      return stdout
    }
  }
}
