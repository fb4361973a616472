import { shellWord } from '@joinery/host/text/shell-word'

/** Path of kubeadm's kubeconfig for administrators. */
export const adminConf = '/etc/kubernetes/admin.conf'

/** The files of a kubeconfig, and the way for a remedy's command to find the same cluster. */
export interface Kubeconfig {
  files: readonly string[]
  /** Name of the context. The current one if absent. */
  context?: string
  /** Flags with which kubectl finds the same cluster, in the environment of this command. */
  flags: readonly string[]
  /** True if a program that the files name may run as root. Only an option says so, and nothing of the environment. */
  allowsExec: boolean
  /** A command of kubectl or of ours (`line`), ready for the shell in which this command was given. */
  told(line: string): string
}

/** Values of the options that name a cluster. */
export interface ClusterOptions {
  kubeconfig?: string
  context?: string
  allowExec?: boolean
}

/** The files of KUBECONFIG, a list with colons. Empty if it is not set. */
export const filesOf = (environment: string | undefined): string[] =>
  (environment ?? '').split(':').filter((file) => file !== '')

/**
 * An administrator's kubeconfig: the one that was given, else KUBECONFIG, else kubeadm's. kubectl reads KUBECONFIG, a list with
 * colons, by itself.
 */
export const kubeconfigOf = (options: ClusterOptions, environment: string | undefined): Kubeconfig => {
  const listed = filesOf(environment)
  return options.kubeconfig === undefined && listed.length === 0
    ? inFiles([adminConf], { ...options, kubeconfig: adminConf }, options)
    : inFiles(listed, options)
}

/**
 * The kubeconfig in `files`, or in the file that the options name. `told`: the options that a command of ours must repeat.
 */
export const inFiles = (
  files: readonly string[],
  options: ClusterOptions,
  told: ClusterOptions = options
): Kubeconfig => {
  const { kubeconfig, context, allowExec = false } = options
  const again = allowExec ? ['--allow-exec'] : []
  const flags = flagsOf(options)
  return {
    files: kubeconfig === undefined ? files : [kubeconfig],
    ...(context !== undefined && { context }),
    flags,
    allowsExec: allowExec,
    told: (line) => toldOurs(toldKubectl(line, words(flags)), words([...flagsOf(told), ...again]))
  }
}

const flagsOf = ({ kubeconfig, context }: ClusterOptions): string[] => [
  ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
  ...(context === undefined ? [] : ['--context', context])
]

const words = (flags: readonly string[]): string => flags.map(shellWord).join(' ')

const toldKubectl = (line: string, flags: string): string =>
  flags === '' ? line : line.replace(/^kubectl (?!--kubeconfig )/, () => `kubectl ${flags} `)

const toldOurs = (line: string, flags: string): string =>
  flags !== '' && /^joinery cluster /.test(line) ? `${line} ${flags}` : line
