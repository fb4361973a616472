/** Path of kubeadm's kubeconfig for administrators. */
export const adminConf = '/etc/kubernetes/admin.conf'

/** The files of a kubeconfig, and the way for kubectl to find the same cluster. */
export interface Kubeconfig {
  files: readonly string[]
  /** Name of the context. The current one if absent. */
  context?: string
  /** Flags with which kubectl finds the same cluster, in the environment of this command. */
  flags: readonly string[]
  /** True if a program that the files name may run as root. Only an option says so, and nothing of the environment. */
  allowsExec: boolean
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
    ? inFiles([adminConf], { ...options, kubeconfig: adminConf })
    : inFiles(listed, options)
}

/** The kubeconfig in `files`, or in the file that the options name. */
export const inFiles = (files: readonly string[], options: ClusterOptions): Kubeconfig => {
  const { kubeconfig, context, allowExec = false } = options
  return {
    files: kubeconfig === undefined ? files : [kubeconfig],
    ...(context !== undefined && { context }),
    flags: flagsOf(options),
    allowsExec: allowExec
  }
}

/** The options that name a cluster, as they are typed. */
export const flagsOf = ({ kubeconfig, context }: ClusterOptions): string[] => [
  ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
  ...(context === undefined ? [] : ['--context', context])
]
