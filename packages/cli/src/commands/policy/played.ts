import { readFile } from 'node:fs/promises'
import { CommandEnd } from '@joinery/host/command-end'
import { systemFailure } from '@joinery/host/text/failure'
import type { Judged, JudgedCode } from '@joinery/policy'
import { Code, Enrolment } from '@joinery/protocol'
import Type from 'typebox'
import { Value } from 'typebox/value'
import type { OperatorClient, SeenCode, SeenEnrolment } from '../../operator-client.ts'
import { requireHost } from '../../session/require-host.ts'
import { exitCodes } from '../../terminal/errors.ts'

/** A machine over which a policy is played, with its code if that is known. */
export interface Played {
  enrolment: Judged & { state: string }
  code: JudgedCode | undefined
}

/** The machines of these names, or all that wait, as the server has them now. */
export const playedFromServer = async (client: OperatorClient, names: readonly string[]): Promise<Played[]> => {
  // what the cluster shows of a machine is not all that a rule may ask for
  requireHost(client, {
    what: 'see all that a policy judges',
    command: `joinery policy test ${names.join(' ') || '--all'}`,
    host: 'on the host of the pairing server'
  })
  const enrolments: SeenEnrolment[] = []
  for (const name of names) enrolments.push(await client.show(name))
  if (names.length === 0) enrolments.push(...(await client.list({ state: 'pending' })).items)
  const codes = new Map((await client.listCodes()).items.map((code) => [code.id, code]))
  return enrolments.map((enrolment) => ({ enrolment: whole(enrolment), code: codeOf(codes.get(enrolment.code)) }))
}

const whole = (enrolment: SeenEnrolment): Played['enrolment'] => {
  if (Value.Check(PlayedEnrolment, enrolment)) return enrolment
  throw new CommandEnd(exitCodes.failure, `the server shows only a part of ${enrolment.id}`)
}

const codeOf = (code: SeenCode | undefined): JudgedCode | undefined => code

/** The parts of an enrolment that a policy reads. More may be there. */
const PlayedEnrolment = Type.Pick(Enrolment, [
  'id',
  'state',
  'name',
  'role',
  'code',
  'key',
  'address',
  'facts',
  'preflight',
  'conflicts',
  'nameConflict',
  'former',
  'labels',
  'withoutAgent',
  'pruned'
])
const PlayedCode = Type.Pick(Code, ['id', 'name', 'role', 'from', 'uses', 'proof'])

/** Bytes of a file that are read at most. */
const inputAtMost = 64 * 1024 * 1024

/** The machines in files that `joinery show`, `list` and `code show` printed as JSON: one document, a list, or `items`. */
export const playedFromFiles = async (files: readonly string[]): Promise<Played[]> => {
  const enrolments: Played['enrolment'][] = []
  const codes = new Map<string, JudgedCode>()
  for (const file of files) {
    for (const [index, document] of documentsOf(await read(file), file).entries()) {
      if (Value.Check(PlayedEnrolment, document)) enrolments.push(document)
      else if (Value.Check(PlayedCode, document)) codes.set(document.id, document)
      else throw noInput(`${file}: document ${index + 1} is neither an enrolment nor a code: ${firstFault(document)}`)
    }
  }
  return enrolments.map((enrolment) => ({ enrolment, code: codes.get(enrolment.code) }))
}

const noInput = (cause: string): CommandEnd =>
  new CommandEnd(exitCodes.usage, cause, 'give what one of these prints with -o json: joinery show, joinery list')

const firstFault = (document: unknown): string => {
  const [first] = Value.Errors(PlayedEnrolment, document)
  return first === undefined ? 'nothing fits' : `${first.instancePath || 'it'} ${first.message}`.slice(0, 200)
}

const read = async (file: string): Promise<string> => {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw noInput(systemFailure(error)?.cause.toString() ?? error.message)
  })
  if (bytes.length > inputAtMost) throw noInput(`${file} has more than ${inputAtMost} bytes`)
  return bytes.toString('utf8')
}

const documentsOf = (text: string, file: string): unknown[] => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw noInput(`${file} is no JSON: ${(error as Error).message}`)
  }
  if (Array.isArray(value)) return value
  if (typeof value === 'object' && value !== null && 'items' in value && Array.isArray(value.items)) return value.items
  return [value]
}
