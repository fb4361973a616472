import { realpath } from 'node:fs/promises'
import type { Terminal } from '../terminal/terminal.ts'
import type { Verdict } from './judge-program.ts'

/** Namespace of the signature of SHA256SUMS: one that the same key made for another use is none. */
export const namespace = 'joinery-release'

/** A text that was read from a file, and the file of its signature. */
export interface Signed {
  file: string
  text: string
  signature: string
}

/** The reason why nobody signed a text for a release. */
export interface Unsigned extends Verdict {
  code: 'signature-missing' | 'signature-wrong'
}

/**
 * Gives the name of whoever signed the text for a release, or why nobody did. `signers`: a file of allowed signers, as ssh-keygen(1) has
 * it. Rejects if that file or ssh-keygen is not there.
 */
export const signerOf = async (
  { file, text, signature }: Signed,
  signers: string,
  exec: Terminal['exec']
): Promise<{ signer: string } | Unsigned> => {
  const isThere = await realpath(signature).then(
    () => true,
    () => false
  )
  if (!isThere) return { code: 'signature-missing', cause: `${signature} is not there` }
  await realpath(signers)
  const keys = ['-f', signers, '-s', signature]
  try {
    const [signer = ''] = (await exec(['ssh-keygen', '-Y', 'find-principals', ...keys])).split('\n')
    // the text that was read, not a file that may be another one by now
    await exec(['ssh-keygen', '-Y', 'verify', '-n', namespace, '-I', signer, ...keys], text)
    return { signer }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error
    return { code: 'signature-wrong', cause: `${signature} is no signature of ${file} by a key of ${signers}` }
  }
}
