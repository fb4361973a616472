import { shellWord } from '@joinery/host/text/shell-word'
import { Option } from 'commander'

/** Path of kubeadm's kubeconfig for administrators. */
export const adminConf = '/etc/kubernetes/admin.conf'

export const kubeconfigOption = () =>
  new Option('--kubeconfig <path>', `kubeconfig of a cluster administrator (default: KUBECONFIG, else ${adminConf})`)

/** The files of an administrator's kubeconfig, and the way for a remedy's command to find the same ones. */
export interface Kubeconfig {
  files: string[]
  /** Flags with which kubectl finds the same files, in the environment of this command. */
  flags: string[]
  /** A command of kubectl or of ours (`line`), ready for the shell in which this command was given. */
  told(line: string): string
}

/**
 * The kubeconfig that was given, else KUBECONFIG, else kubeadm's. kubectl reads KUBECONFIG, a list with colons, by
 * itself.
 */
export const kubeconfigOf = (given: string | undefined, environment: string | undefined): Kubeconfig => {
  if (given !== undefined) {
    const flag = `--kubeconfig ${shellWord(given)}`
    return { files: [given], flags: ['--kubeconfig', given], told: (line) => toldOurs(toldKubectl(line, flag), flag) }
  }
  const listed = (environment ?? '').split(':').filter((file) => file !== '')
  if (listed.length > 0) return { files: listed, flags: [], told: (line) => line }
  const flags = ['--kubeconfig', adminConf]
  return { files: [adminConf], flags, told: (line) => toldKubectl(line, flags.join(' ')) }
}

const toldKubectl = (line: string, flag: string): string =>
  line.replace(/^kubectl (?!--kubeconfig )/, () => `kubectl ${flag} `)

const toldOurs = (line: string, flag: string): string => (/^joinery cluster /.test(line) ? `${line} ${flag}` : line)
