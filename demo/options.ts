import { parseArgs } from 'node:util'
import { pnpm } from './command-line.ts'

export interface Options {
  once: boolean
}

export const help = `Examples:
  ${pnpm} demo              until Ctrl-C; it says what to type in a second terminal
  ${pnpm} demo --once       asks for nothing, and ends when all four are Ready

Four machines join a cluster, in rehearsal: the pairing server, the agents and the joinery command are the real
ones; kubeadm, the kubelets and the Kubernetes API are played. It needs no root and no cluster, and touches nothing
but a temporary folder, which it removes.

Options:
  --once      approve all and repair edge-3 and edge-4 in your place; then print the table and the timeline of edge-1
  -h, --help  print this

Exit codes: 0 ok, 1 failure, 2 usage
`

/** Throws, in plain words, for what it does not know. `help` where only that was asked for. */
export const parseOptions = (words: readonly string[]): Options | 'help' => {
  const { values } = parseArgs({
    args: [...words],
    options: { once: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } }
  })
  return values.help ? 'help' : { once: values.once }
}
