export const unitName = 'joinery-install.service'

/** Says that the agent is installed and all is on disk. In the folder of the instance: another instance, another code. */
const done = '/var/lib/cloud/instance/joinery-installed'

/** A job of its own, so that cloud-init need not wait for a server that is not there yet. */
export const installUnit = `[Unit]
Description=Install the Joinery agent from the pairing server
Wants=network-online.target
After=network-online.target
ConditionPathExists=!${done}
StartLimitIntervalSec=0

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 /usr/local/sbin/joinery-install /etc/joinery/install.json
ExecStart=/usr/bin/sync
ExecStart=/usr/bin/touch ${done}
Restart=on-failure
RestartSec=2
RestartSteps=5
RestartMaxDelaySec=60
TimeoutStartSec=15min
`

/**
 * For bootcmd, which runs at every boot. cloud-init notes before it begins that a module has run, and syncs nothing: a
 * power cut in the first minute leaves empty files that are never written again, and a runcmd that never runs again.
 * So where write_files has begun in an earlier boot and the agent is not installed, both are done again. Shell text,
 * because bootcmd is shell: only constants are in it.
 */
export const powerCutGuard = `if [ -e /var/lib/cloud/instance/sem/config_write_files ] && [ ! -e ${done} ]; then
  cloud-init single --name write_files --frequency always
  systemctl start --no-block ${unitName}
fi
`
