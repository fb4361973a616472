/** A job of its own that installs something at first boot, so that cloud-init need not wait for it. */
export interface InstallUnit {
  name: string
  /** Says that it is installed and all is on disk. In the folder of the instance: another instance, another code. */
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
RestartSec=2
RestartSteps=5
RestartMaxDelaySec=60
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

/** Beside the agent's, in no order: the agent shows its machine to the operator while packages are still on their way. */
export const kubernetesUnit = installUnit({
  name: 'joinery-install-kubernetes.service',
  description: "Install containerd and Kubernetes' packages",
  command: '/usr/local/sbin/joinery-install-kubernetes /etc/joinery/install-kubernetes.json',
  done: '/var/lib/cloud/instance/joinery-kubernetes-installed',
  timeout: '30min'
})

/**
 * For bootcmd, which runs at every boot. cloud-init notes before it begins that a module has run, and syncs nothing: a
 * power cut in the first minute leaves empty files that are never written again, and a runcmd that never runs again.
 * So where write_files has begun in an earlier boot and something is not installed, both are done again; what is installed
 * is not started again by its unit's condition. Shell text, because bootcmd is shell: only constants are in it.
 */
export const powerCutGuard = (units: readonly InstallUnit[]): string => {
  const missing = units.map(({ done }) => `[ ! -e ${done} ]`).join(' || ')
  return `if [ -e /var/lib/cloud/instance/sem/config_write_files ] && ${units.length > 1 ? `{ ${missing}; }` : missing}; then
  cloud-init single --name write_files --frequency always
  systemctl start --no-block ${units.map(({ name }) => name).join(' ')}
fi
`
}
