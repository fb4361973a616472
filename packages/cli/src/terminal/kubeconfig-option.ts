import { Option } from 'commander'
import { adminConf } from './kubeconfig.ts'

export const kubeconfigOption = () =>
  new Option('--kubeconfig <path>', `of a cluster administrator (default: KUBECONFIG, else ${adminConf})`)
