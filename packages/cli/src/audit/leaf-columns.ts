import { alertCell } from '@joinery/host/text/styles'
import type { PlacedLeaf } from '@joinery/protocol'
import type { Column } from '../output/columns.ts'
import { moment } from '../terminal/times.ts'

export const leafColumns: readonly Column<PlacedLeaf>[] = [
  { header: 'LOG', cell: ({ log }) => log },
  { header: 'INDEX', cell: ({ index }) => `${index}`, sorts: ({ index }) => index },
  { header: 'TIME', cell: ({ leaf }) => (leaf === undefined ? '' : moment(leaf.time)) },
  {
    header: 'EVENT',
    cell: ({ leaf }) => (leaf?.alert ? alertCell(leaf.event) : (leaf?.event ?? 'unknown')),
    longest: 20
  },
  { header: 'NAME', cell: ({ leaf }) => text(leaf?.fields.name) },
  { header: 'SUBJECT', wide: true, cell: ({ leaf }) => leaf?.subject ?? '' },
  { header: 'ACTOR', cell: ({ leaf }) => leaf?.actor ?? '', longest: 8 },
  { header: 'BY', cell: ({ leaf }) => leaf?.by ?? '' },
  { header: 'WHAT', cell: whatOf }
]

/** Fields that say what a leaf is about, those that say most first. */
const telling = ['serial', 'token', 'credentialSerial', 'credentialCsr', 'csr', 'node', 'revision', 'key'] as const

/** The words of a leaf, or the fields that say most. A leaf of a newer server is shown as it is. */
function whatOf({ leaf, text: whole }: PlacedLeaf): string {
  if (leaf === undefined) return whole.slice(0, 120)
  const { detail } = leaf.fields
  if (detail !== undefined) return `${detail}`
  const told = telling.filter((field) => leaf.fields[field] !== undefined).slice(0, 3)
  return told.map((field) => `${field} ${leaf.fields[field]}`).join(', ')
}

const text = (value: unknown): string => (value === undefined ? '' : `${value}`)
