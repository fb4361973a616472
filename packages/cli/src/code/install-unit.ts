/** Separate job that installs something at first boot, so that cloud-init need not wait for it. */
export interface InstallUnit {
  name: string
  /**
   * File that exists once everything is installed and on disk. It is in the folder of the instance: a new instance has a
   * new code.
   */
  done: string
  text: string
}

interface Job {
  name: string
  description: string
  /** Program and its argument. */
  command: string
  done: string
  timeout: string
}

const installUnit = ({ name, description, command, done, timeout }: Job): InstallUnit => ({
  name,
  done,
  text: `[Unit]
Description=${description}
Wants=network-online.target
After=network-online.target
ConditionPathExists=!${done}
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 ${command}
ExecStart=/usr/bin/sync
ExecStart=/usr/bin/touch ${done}
Restart=on-failure
RestartSec=10s
TimeoutStartSec=${timeout}
`
})

export const agentUnit = installUnit({
  name: 'joinery-install.service',
  description: 'Install the Joinery agent from the pairing server',
  command: '/usr/local/sbin/joinery-install /etc/joinery/install.json',
  done: '/var/lib/cloud/instance/joinery-installed',
  timeout: '15min'
})

/**
 * Unit that installs Kubernetes. It has no order with the agent's unit: the agent shows its machine to the operator
 * while packages are still on their way.
 */
export const kubernetesUnit = installUnit({
  name: 'joinery-install-kubernetes.service',
  description: "Install containerd and Kubernetes' packages",
  command: '/usr/local/sbin/joinery-install-kubernetes /etc/joinery/install-kubernetes.json',
  done: '/var/lib/cloud/instance/joinery-kubernetes-installed',
  timeout: '30min'
})

/**
 * Shell text for bootcmd, which runs at every boot. It does the first boot's work again if power was cut. cloud-init
 * notes that a module has run before the module begins, and syncs nothing. A power cut in the first minute therefore
 * leaves empty files that are never written again, and a runcmd that never runs again. So if write_files began in an
 * earlier boot and something is not installed, the guard runs both again. A unit's condition keeps it from starting
 * again once it is installed. Shell text, because bootcmd is shell: only constants are in it.
 */
export const powerCutGuard = (units: readonly InstallUnit[]): string => {
  const missing = units.map(({ done }) => `[ ! -e ${done} ]`).join(' || ')
  return `if [ -e /var/lib/cloud/instance/sem/config_write_files ] && ${units.length > 1 ? `{ ${missing}; }` : missing}; then
  cloud-init single --name write_files --frequency always
  systemctl start --no-block ${units.map(({ name }) => name).join(' ')}
fi
`
}
