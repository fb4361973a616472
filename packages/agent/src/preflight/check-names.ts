import { CommandEnd } from '@joinery/host/command-end'
import { exitCodes } from '../program/exit-codes.ts'

/** The names in `a,b`, each of them one of `known`. If one is not, throws a usage error that lists them. */
export const checkNames = (option: string, given: string, known: readonly string[]): string[] => {
  const names = given.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return names
  const wrong = unknown.map((name) => JSON.stringify(name)).join(', ')
  throw new CommandEnd(exitCodes.usage, `${option}: no check is called ${wrong}`, `give one of ${known.join(', ')}`)
}
