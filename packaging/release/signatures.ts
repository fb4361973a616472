import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { signerOf } from '@joinery/cli/testing/release'
import { exec } from '@joinery/cli/testing/terminal'
import { shellWord } from '@joinery/host/text/shell-word'
import type { Fault } from './fault.ts'

const missing = (signature: string): Fault => ({
  code: 'signature-missing',
  cause: `${signature} is not there`,
  remedy: 'run the commands that pnpm release printed where the keys are, and carry the whole folder back'
})

/** `key`: the file with the public half. */
const wrong = (code: 'signature-wrong' | 'tag-wrong', cause: string, key: string): Fault => ({
  code,
  cause,
  remedy: `sign what dist/to-sign has now, with the key whose public half is in ${key}`
})

/** Why the signature of a release's sums does not hold; undefined if it does. `signers`: a file of allowed signers. */
export const sumsFault = async (file: string, signature: string, signers: string): Promise<Fault | undefined> => {
  const found = await signerOf({ file, text: readFileSync(file, 'utf8'), signature }, signers, exec)
  if ('signer' in found) return undefined
  return found.code === 'signature-missing' ? missing(signature) : wrong(found.code, found.cause, signers)
}

/** Why the text of a tag is not the signed tag of the commit; undefined if it is. It must be signed by ssh. `project`: its repository. */
export const tagFault = (
  file: string,
  { tag, commit }: { tag: string; commit: string },
  signers: string,
  project: string
): Fault | undefined => {
  if (!existsSync(file)) return missing(file)
  const text = readFileSync(file, 'utf8')
  if (!text.startsWith(`object ${commit}\ntype commit\ntag ${tag}\n`))
    return wrong('tag-wrong', `${file} is not the tag ${tag} of ${commit}`, signers)
  // Git would ask the keyring of whoever runs this about any other signature
  if (!text.includes('\n-----BEGIN SSH SIGNATURE-----\n'))
    return wrong('signature-wrong', `${file} is not signed by ssh`, signers)
  const made = run('git', ['mktag'], { input: text, cwd: project })
  if (made.status !== 0) return wrong('tag-wrong', `${file} is no tag of Git: ${made.said}`, signers)
  const words = ['-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-tag', made.stdout.trim()]
  const { status, said } = run('git', words, { cwd: project })
  if (status === 0) return undefined
  return wrong('signature-wrong', `${file} is not signed by a key of ${signers}: ${said}`, signers)
}

/** `said`: what gpg prints of a signature. */
const expired = (said: string, signature: string, { key, commit }: AptKey): Fault => {
  const [, owner] = /^\[GNUPG:\] VALIDSIG .* (\w+)$/m.exec(said) ?? []
  const prolong = `gpg --quick-set-expire ${owner} 1y && gpg --armor --export ${owner} > apt.asc`
  const replace = `git revert --no-edit ${commit} && mv apt.asc ${shellWord(key)} && git commit --all --message 'Prolong the key of apt'`
  return {
    code: 'key-expired',
    cause: `${signature} is signed by the key of ${key}, which has expired: no apt takes it`,
    remedy: `where the keys are: ${prolong}; then here: ${replace}; then make the release again`
  }
}

/** The key of an apt repository: the file of its public half, and the commit of the release that it signs. */
interface AptKey {
  key: string
  commit: string
}

/** What is wrong with the signatures of a suite of an apt repository: `InRelease` and `Release.gpg` in `signatures`, over `Release` in `suite`. */
export const aptFaults = (suite: string, signatures: string, by: AptKey): Fault[] => {
  const { key } = by
  // the path of a socket of gpg must be short
  const home = mkdtempSync(`${tmpdir()}/gpg-`)
  try {
    const gpg = (...words: string[]) => run('gpg', ['--homedir', home, '--batch', '--status-fd', '2', ...words])
    gpg('--import', key)
    const fault = (signature: string, holds: () => { said: string; ofThis: boolean }): Fault[] => {
      if (!existsSync(signature)) return [missing(signature)]
      const { said, ofThis } = holds()
      // gpg ends with 0 for a key that has expired
      if (/^\[GNUPG:\] EXPKEYSIG /m.test(said)) return [expired(said, signature, by)]
      if (!/^\[GNUPG:\] GOODSIG /m.test(said))
        return [wrong('signature-wrong', `${signature} is not signed by the key of ${key}`, key)]
      return ofThis ? [] : [wrong('signature-wrong', `${signature} is not of ${suite}/Release`, key)]
    }
    return [
      ...fault(`${signatures}/Release.gpg`, () => {
        const { said } = gpg('--verify', `${signatures}/Release.gpg`, `${suite}/Release`)
        return { said, ofThis: true }
      }),
      ...fault(`${signatures}/InRelease`, () => {
        const { said, stdout } = gpg('--decrypt', `${signatures}/InRelease`)
        return { said, ofThis: stdout.trimEnd() === readFileSync(`${suite}/Release`, 'utf8').trimEnd() }
      })
    ]
  } finally {
    run('gpgconf', ['--homedir', home, '--kill', 'all'])
    rmSync(home, { recursive: true, force: true })
  }
}

const run = (program: string, words: string[], given: { input?: string | Buffer; cwd?: string } = {}) => {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8', ...given })
  if (error !== undefined) throw new Error(`${program} cannot be started: ${error.message}`)
  return { status, stdout, said: stderr.trim() }
}
