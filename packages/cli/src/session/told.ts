import { shellWord } from '@joinery/host/text/shell-word'
import { flagsOf, kubeconfigOf } from '../terminal/kubeconfig.ts'
import { type Around, decideDoor, type Named } from './which-door.ts'

/** Flags with which a printed command goes the way of the command that prints it, a text for each program. */
export interface Way {
  joinery: string
  /** Flags for `sudo joinery`, which root runs on a host, by the socket there. */
  sudo: string
  kubectl: string
}

/** The way of a command line that names none. */
export const usualWay: Way = { joinery: '', sudo: '', kubectl: '' }

/**
 * Decides the flags. What was typed is repeated; what the environment says is there in the shell in which the command is pasted, unless
 * `sudo` takes it away. `isOfCluster`: the command asks the cluster itself, with an administrator's kubeconfig.
 */
export const decideWay = (named: Named, around: Around, isOfCluster: boolean): Way => {
  const { socket, kubeconfig, context, allowExec } = named
  const cluster = flagsOf(named)
  const namesCluster = kubeconfig !== undefined || context !== undefined
  const exec = allowExec ? ['--allow-exec'] : []
  if (namesCluster) return { joinery: words([...cluster, ...exec]), sudo: '', kubectl: words(cluster) }
  const bySocket = (path: string | undefined): string[] => (path ? ['--socket', path] : [])
  const isOnHost = isOfCluster || decideDoor(named, around).to === 'socket'
  return {
    joinery: words([...bySocket(socket), ...exec]),
    sudo: words([...bySocket(socket ?? around.socket), ...exec]),
    // as the command itself finds the cluster there
    kubectl: isOnHost ? words(kubeconfigOf({}, around.environment).flags) : ''
  }
}

const words = (flags: readonly string[]): string => flags.map(shellWord).join(' ')

/** A command of ours or of kubectl in a text. One that names its own cluster is left as it is. */
const commands = /(?<![\w./-])(sudo )?(joinery|kubectl) (?!--kubeconfig |--context |--socket )(?=([\w-]+))/g

/**
 * The text with each command of ours and of kubectl going the same way. A comment stays as it is: it says where its command belongs.
 * `verbs`: the names of our commands, which tell a command from a sentence about Joinery.
 */
export const tell = (text: string, way: Way, verbs: ReadonlySet<string>): string =>
  text.startsWith('#')
    ? text
    : text.replace(
        commands,
        (begin: string, sudo: string | undefined, program: 'joinery' | 'kubectl', verb: string) => {
          if (program === 'joinery' && !verbs.has(verb)) return begin
          const flags = program === 'joinery' && sudo !== undefined ? way.sudo : way[program]
          return flags === '' ? begin : `${begin}${flags} `
        }
      )
