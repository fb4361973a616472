import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from '@joinery/host/connection-problem'
import { writeDurably } from '@joinery/host/write-durably'
import { type Flake, ledgerEntry } from './ledger.ts'

/** A flake that passed once on this host. */
export interface Remembered extends Pick<Flake, 'name' | 'commit' | 'date'> {
  /** True once a run has seen its name in the ledger. */
  isNamed: boolean
  /** What is to be written down for it. Nobody may have read what the run printed in which it passed. */
  entry?: string
}

/** The flake as the host remembers it until the ledger names it. */
export const remember = (flake: Flake): Remembered => {
  const { name, commit, date } = flake
  const { line, details } = ledgerEntry(flake)
  return { name, commit, date, isNamed: false, entry: `${line}\n\n${details}` }
}

/**
 * The memory as a run finds it, brought up to date with the names in the ledger of its tree. A name waits until the ledger has it. When
 * the ledger has had it and has it no more, its cause is gone, and it is forgotten: so a run is never red for ever. `isWorkedOff` tells
 * whether that has happened since a flake, without a run between.
 */
export const recall = (
  memory: readonly Remembered[],
  open: readonly string[],
  isWorkedOff: (one: Remembered) => boolean
): Remembered[] =>
  memory
    .filter((one) => open.includes(one.name) || !(one.isNamed || isWorkedOff(one)))
    .map((one) => ({ ...one, isNamed: open.includes(one.name) }))

/** Why a file must not pass by being played again: it did already. Undefined if it may, this once. */
export const refusesFlake = (
  name: string,
  open: readonly string[],
  memory: readonly Remembered[]
): string | undefined => {
  if (open.includes(name)) return `test/flakes.md has ${name}: remove the cause first`
  const before = memory.find((one) => one.name === name)
  return before && `it passed so at ${before.commit} on ${before.date}, and a name passes so once`
}

/** More than a host can gather while each run is red that has one. */
const mostRemembered = 100

/** Reads the memory. `broken` says why a file that is there cannot be read; then nothing is remembered. */
export const readMemory = async (file: string): Promise<{ memory: Remembered[]; broken?: string }> => {
  try {
    const memory: unknown = JSON.parse(await readFile(file, 'utf8'))
    if (Array.isArray(memory) && memory.every(isRemembered)) return { memory }
    return { memory: [], broken: `${file} has no list of flakes` }
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? { memory: [] } : { memory: [], broken: `${file}: ${error}` }
  }
}

const isRemembered = (one: Partial<Remembered> | null): one is Remembered =>
  typeof one?.name === 'string' &&
  typeof one.commit === 'string' &&
  typeof one.date === 'string' &&
  typeof one.isNamed === 'boolean' &&
  (one.entry === undefined || typeof one.entry === 'string')

export const writeMemory = async (file: string, memory: readonly Remembered[]): Promise<void> => {
  await mkdir(dirname(file), { recursive: true })
  await writeDurably(file, `${JSON.stringify(memory.slice(-mostRemembered), null, 2)}\n`)
}
