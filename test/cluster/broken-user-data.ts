import { parseDocument } from 'yaml'

/**
 * User-data for a machine that has something wrong with it: `script` (shell, as root) runs once, at the first boot, before
 * containerd, the kubelet and the agent start.
 */
export const brokenUserData = (userData: string, script: string): string => {
  const document = parseDocument(userData, { version: '1.1' })
  const first = ['cloud-init-per', 'instance', 'break', 'sh', '-euxc', script]
  document.set('bootcmd', [first, ...(document.toJS().bootcmd as unknown[])])
  return `#cloud-config\n${document.toString({ lineWidth: 0 })}`
}
