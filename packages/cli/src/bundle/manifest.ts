import { table } from '@joinery/host/text/table'
import type { BundleFile, Collected } from './collect.ts'

/** Name of the file of a bundle that says what is in it. */
export const manifestName = 'MANIFEST.txt'

/** Says what a reader must check, above all else. */
export const beforeSending =
  'It has no codes, tokens, keys or passphrases. It has names, addresses, serial numbers and labels of machines, ' +
  'names of operators, and words that machines reported: read it before you send it on.'

/** The first file of a bundle: what is in it, what is not, and what to check before it is sent on. */
export const manifestText = ({ files, missing }: Collected, made: { at: string; by: string; door: string }): string =>
  [
    `A support bundle of Joinery, made at ${made.at} by joinery ${made.by}, over the ${made.door}.`,
    '',
    beforeSending,
    '',
    'Files:',
    filesText(files),
    'Not here:',
    missing.length === 0 ? '  nothing is missing\n' : indented(missing.map(({ name, why }) => [name, why]))
  ].join('\n')

/** A line for each file. */
export const filesText = (files: readonly BundleFile[]): string =>
  indented(files.map(({ name, text, about, cut }) => [name, size(text), cut ? `${about} (only the beginning)` : about]))

const indented = (rows: string[][]): string => table(rows, false).replace(/^(?=.)/gm, '  ')

const size = (text: string): string => `${Math.max(1, Math.round(Buffer.byteLength(text) / 1000))} kB`
