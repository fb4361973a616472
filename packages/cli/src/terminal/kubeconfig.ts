import { shellWord } from '@joinery/host/text/shell-word'
import { Option } from 'commander'

/** Where kubeadm puts it. */
export const adminConf = '/etc/kubernetes/admin.conf'

export const kubeconfigOption = () =>
  new Option('--kubeconfig <path>', `of a cluster administrator (default: KUBECONFIG, else ${adminConf})`)

/** Which kubeconfigs are merged into an administrator's, and how a command of a remedy finds the same ones. */
export interface Kubeconfig {
  files: string[]
  /** By which kubectl finds the same ones, in the environment of this command. */
  flags: string[]
  /** `line`, a command of kubectl or of ours, for a shell in which this command was given. */
  told(line: string): string
}

/** What was given; else KUBECONFIG, which kubectl reads by itself, a list with colons; else that of kubeadm. */
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
