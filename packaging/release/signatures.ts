import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** A file and its signature. */
export interface Signed {
  file: string
  signature: string
}

/** Why a signature by ssh-keygen does not hold; undefined if it does. `signers`: a file of allowed signers. */
export const sshFault = ({ file, signature }: Signed, signers: string, namespace: string): string | undefined => {
  if (!existsSync(signature)) return `there is no ${signature}`
  const found = run('ssh-keygen', ['-Y', 'find-principals', '-s', signature, '-f', signers])
  const [principal = ''] = found.stdout.split('\n')
  if (found.status !== 0 || principal === '') return `${signature} is by no key of ${signers}`
  const words = ['-Y', 'verify', '-f', signers, '-I', principal, '-n', namespace, '-s', signature]
  const { status, said } = run('ssh-keygen', words, { input: readFileSync(file) })
  return status === 0 ? undefined : `${signature} does not hold for ${file}: ${said}`
}

/** Why the text of a tag is not the signed tag of the commit; undefined if it is. It must be signed by ssh. `project`: its repository. */
export const tagFault = (
  file: string,
  { tag, commit }: { tag: string; commit: string },
  signers: string,
  project: string
): string | undefined => {
  if (!existsSync(file)) return `there is no ${file}`
  const text = readFileSync(file, 'utf8')
  if (!text.startsWith(`object ${commit}\ntype commit\ntag ${tag}\n`))
    return `${file} is not the tag ${tag} of ${commit}`
  // Git would ask the keyring of whoever runs this about any other signature
  if (!text.includes('\n-----BEGIN SSH SIGNATURE-----\n')) return `${file} is not signed by ssh`
  const made = run('git', ['mktag'], { input: text, cwd: project })
  if (made.status !== 0) return `${file} is no tag of Git: ${made.said}`
  const words = ['-c', `gpg.ssh.allowedSignersFile=${signers}`, 'verify-tag', made.stdout.trim()]
  const { status, said } = run('git', words, { cwd: project })
  return status === 0 ? undefined : `${file} is not signed by a key of ${signers}: ${said}`
}

/**
 * What is wrong with the signatures of a suite of an apt repository: `InRelease` and `Release.gpg` in `signatures`, over `Release` in
 * `suite`. `key`: the file of the public key.
 */
export const aptFaults = (suite: string, signatures: string, key: string): string[] => {
  // the path of a socket of gpg must be short
  const home = mkdtempSync(`${tmpdir()}/gpg-`)
  try {
    const gpg = (...words: string[]) => run('gpg', ['--homedir', home, '--batch', '--status-fd', '2', ...words])
    gpg('--import', key)
    const fault = (signature: string, holds: () => { said: string; ofThis: boolean }): string[] => {
      if (!existsSync(signature)) return [`there is no ${signature}`]
      const { said, ofThis } = holds()
      // gpg ends with 0 for a key that has expired
      if (!/^\[GNUPG:\] GOODSIG /m.test(said)) return [`${signature} is not signed by the key of ${key}`]
      return ofThis ? [] : [`${signature} is not of ${suite}/Release`]
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
