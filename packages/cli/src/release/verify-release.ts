import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { shellWord } from '@joinery/host/text/shell-word'
import { given } from '@joinery/protocol/given'
import { CodedEnd, exitCodes } from '../terminal/errors.ts'
import type { RunningProgram, Terminal } from '../terminal/terminal.ts'
import { judgeProgram, type ReleaseProblem, runtimeOf, type Verdict } from './judge-program.ts'
import { type OwnPackage, ownPackages } from './own-package.ts'
import { namespace, type Signed, signerOf } from './signature.ts'
import { readSums, type Sums } from './sums.ts'

/** The outcome for a program that is as its release has it. */
export interface VerifiedProgram {
  /** Package of the release, as `joinery/amd64` or `npm`. */
  package: string
  /** Number of its files, each of which is that of the release. */
  files: number
  /** Path of a Node that the release does not bring. Absent if it brings the one that runs. */
  foreignNode?: string
  /** Name of the signer, if the signature was checked. */
  signer?: string
  /** Command that checks the signature, if it was not checked. */
  next?: string
}

/**
 * Compares this program with the files of a release: the file PROGRAMS beside `sumsFile` with what that says, then each file of the
 * program with what PROGRAMS says. `signers`: file of allowed signers for ssh-keygen. Without it the signature is not checked. Throws a
 * `CodedEnd` with a `ReleaseProblem`.
 */
export const verifyRelease = async (
  sumsFile: string,
  signers: string | undefined,
  { program, exec }: Pick<Terminal, 'program' | 'exec'>
): Promise<VerifiedProgram> => {
  const text = await readFile(sumsFile, 'utf8')
  const signed = { file: sumsFile, text, signature: signatureOf(sumsFile) }
  const signer = signers === undefined ? undefined : await checkSignature(signed, signers, exec)
  const programsFile = join(dirname(sumsFile), 'PROGRAMS')
  const programs = await readFile(programsFile)
  const wanted = requireSums(text, sumsFile).get('PROGRAMS')
  if (wanted === undefined || wanted !== createHash('sha256').update(programs).digest('hex')) {
    throw refusal('programs-changed', `${programsFile} is not the file that ${sumsFile} names`, downloadAgain)
  }
  const own = await verifyOwn(requireSums(programs.toString('utf8'), programsFile), program)
  return { ...own, ...given({ signer }), ...(signer === undefined && { next: signatureCommand(sumsFile) }) }
}

const downloadAgain = 'download SHA256SUMS and PROGRAMS of one release again, into one folder'

const refusal = (code: ReleaseProblem, cause: string, remedy: string): CodedEnd =>
  new CodedEnd(exitCodes.checkFails, code, cause, remedy)

const requireSums = (text: string, file: string): Sums => {
  const sums = readSums(text)
  if (sums === undefined) throw refusal('sums-unreadable', `${file} is no list of SHA-256`, downloadAgain)
  return sums
}

const verifyOwn = async (programs: Sums, program: RunningProgram | undefined): Promise<VerifiedProgram> => {
  const { entry = '', runtime = '', processor = '' } = program ?? {}
  const running = { entry: await wholePath(entry), runtime: await wholePath(runtime), processor }
  let first: Verdict | undefined
  for (const own of ownPackages(programs, running)) {
    const verdict = judgeProgram(own, { files: await hashesOf(own), running })
    if (verdict === undefined) return verified(own, running)
    first ??= verdict
  }
  if (first === undefined) {
    const cause = `no package of this release has a program at ${running.entry}`
    throw refusal('program-unknown', cause, 'take SHA256SUMS of the release that was installed: joinery --version')
  }
  const remedy = 'install the package of that release again; if you did not change the program, somebody else did'
  throw refusal(first.code, first.cause, remedy)
}

const verified = ({ name, files }: OwnPackage, { runtime }: RunningProgram): VerifiedProgram => ({
  package: name,
  files: files.size,
  ...(runtimeOf([...files.keys()]) === undefined && { foreignNode: runtime })
})

/** The path behind all links, with `/` between its parts as a release has it. */
const wholePath = async (path: string): Promise<string> => (await realpath(path).catch(() => path)).split(sep).join('/')

/** SHA-256 of the files of a package that are here, by their paths. One is read after the other: a runtime has 100 MB. */
const hashesOf = async ({ root, files }: OwnPackage): Promise<Map<string, string>> => {
  const found = new Map<string, string>()
  for (const path of files.keys()) {
    const hash = await hashOf(`${root}${path}`)
    if (hash !== undefined) found.set(path, hash)
  }
  return found
}

/** SHA-256 of a file. Undefined if there is none. */
const hashOf = async (file: string): Promise<string | undefined> => {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(file), hash)
    return hash.digest('hex')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const signatureOf = (sumsFile: string): string => `${sumsFile}.sig`

/** The command that checks the signature. The file of allowed signers is one that the operator has from elsewhere. */
const signatureCommand = (sumsFile: string): string => {
  const [sums, signature] = [sumsFile, signatureOf(sumsFile)].map(shellWord)
  return `ssh-keygen -Y verify -n ${namespace} -f allowed_signers -I "$(ssh-keygen -Y find-principals -f allowed_signers -s ${signature})" -s ${signature} < ${sums}`
}

/** Checks the signature of the text, and gives the name of its signer. */
const checkSignature = async (signed: Signed, signers: string, exec: Terminal['exec']): Promise<string> => {
  const found = await signerOf(signed, signers, exec)
  if ('signer' in found) return found.signer
  const remedy =
    found.code === 'signature-missing'
      ? 'download it from the release, beside SHA256SUMS'
      : 'use nothing of this download: take the release and the key from where you trust them'
  throw refusal(found.code, found.cause, remedy)
}
