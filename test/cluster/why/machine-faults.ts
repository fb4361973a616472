import type { Machine } from '../bed/machine.ts'
import type { Expected, Fault } from './fault.ts'
import type { Site } from './site.ts'

const shell = async ({ name, ssh }: Machine, command: string): Promise<void> => {
  const { code, stderr } = await ssh(command)
  if (code !== 0) throw new Error(`${name}: ${command}: exit status ${code}\n${stderr}`)
}

/** The system's clock as the hardware has it, which follows the host's. */
const rightClock = 'date --utc --set "@$(cat /sys/class/rtc/rtc0/since_epoch)"'

/**
 * Sets the clock while no kubelet runs. One that runs keeps its connection, and may renew its Lease by the wrong clock once. After
 * that v1.37.2 calls its Node Ready for ever: it takes no renewal that is older than the one it knows, and takes its own cache for stale
 * while the API server has another one (tryUpdateNodeHealth in pkg/controller/nodelifecycle/node_lifecycle_controller.go).
 */
const setClock = (offset: string): string =>
  `systemctl stop kubelet && date --set "${offset}" && systemctl start kubelet`

/**
 * Fills the disk but for 8 MB, and again whenever the kubelet makes room by deleting images. Without those 8 MB the kubelet can end no Pod:
 * it writes down what it does.
 */
const fill = `cat > /root/fill.sh <<'end'
while :; do
  room=$(($(df --output=avail --block-size=1 / | tail -1) - 8388608))
  if [ $room -gt 0 ]; then fallocate --offset $(stat --format %s /filler) --length $room /filler; fi
  sleep 0.5
done
end
touch /filler
systemd-run --quiet --unit=filler sh /root/fill.sh
until [ $(df --output=avail --block-size=1 / | tail -1) -lt 16777216 ]; do sleep 0.2; done`

const [config, certificate] = ['/var/lib/kubelet/config.yaml', '/var/lib/kubelet/pki/kubelet-client-current.pem']
const cniFile = '/etc/cni/net.d/10-flannel.conflist'
const apiCut =
  'nft "add table inet cut; add chain inet cut output { type filter hook output priority 0; }; add rule inet cut output ip daddr 172.30.0.1 tcp dport 6443 drop"'

/** The server knocks at the machine. */
const kubeletListens = /port 10250 .*: open|spoke to the pairing server/

const byShell = (title: string, make: string, takeBack: string, told: Pick<Fault, 'cluster' | 'machine'>): Fault => ({
  title,
  make: ({ machine }) => shell(machine, make),
  takeBack: ({ machine }) => shell(machine, takeBack),
  ...told
})
const one = (code: Expected['first'][0], words: RegExp): Expected => ({ first: [code], words })

export const runtimeStopped = byShell(
  'the container runtime was stopped',
  'systemctl stop containerd',
  'systemctl start containerd',
  {
    cluster: one('runtime-off', /container runtime is down|containerd/),
    machine: one('runtime-off', /containerd\.service: loaded, inactive/)
  }
)
export const kubeletStopped = byShell('the kubelet was stopped', 'systemctl stop kubelet', 'systemctl start kubelet', {
  cluster: one('kubelet-off', /refused|kubelet\.service/),
  machine: one('kubelet-off', /kubelet\.service: loaded, inactive/)
})

/** Faults of the machine itself, or of its way to the cluster, on such a site. */
export const machineFaults = ({ bed, plugin }: Site) => {
  const kubeletFails = byShell(
    'the configuration of the kubelet is broken',
    `cp ${config} /root/ && echo 'evictionHard: 5' >> ${config} && systemctl restart kubelet`,
    `cp /root/config.yaml ${config} && systemctl restart kubelet`,
    {
      cluster: one('kubelet-off', /refused/),
      machine: one('kubelet-failing', /failed to load Kubelet config file/i)
    }
  )
  const certificateGone = byShell(
    'the kubelet has lost its client certificate',
    `mv ${certificate} /root/ && systemctl restart kubelet`,
    `mv /root/kubelet-client-current.pem ${certificate} && systemctl restart kubelet`,
    { machine: one('certificate-over', /no client certificate|unable to (read client-cert|load bootstrap kubeconfig)/) }
  )
  const apiCutOff = byShell('the machine alone does not reach the API server', apiCut, 'nft delete table inet cut', {
    cluster: one('api-unreachable', kubeletListens),
    machine: one('api-unreachable', /172\.30\.0\.1:6443/)
  })
  const clockBehind = byShell(
    'the clock of the machine is two years behind',
    setClock('-2 years'),
    `${rightClock} && systemctl restart kubelet`,
    { cluster: one('api-unreachable', kubeletListens), machine: one('clock-wrong', /behind/) }
  )
  const clockAhead = byShell(
    'the clock of the machine is two years ahead, so that each certificate looks over',
    setClock('+2 years'),
    `${rightClock} && systemctl restart kubelet`,
    { machine: one('clock-wrong', /ahead/) }
  )
  const diskFull: Fault = {
    title: 'the disk is full, so that the Pod of the network plugin does not start',
    make: async ({ machine }) => {
      await shell(machine, fill)
      // more than the kubelet can ever free: a Pod that needs a few bytes gets them sooner or later
      await plugin.replacePod(machine, { room: '1G' })
      await plugin.forget(machine)
    },
    takeBack: async ({ machine }) => {
      await shell(machine, 'systemctl stop filler && rm /filler')
      await plugin.forget(machine)
      await plugin.replacePod(machine, {})
    },
    cluster: one('disk-full', /DiskPressure|no space left/),
    machine: one('disk-full', /no space left/)
  }
  const cutOff: Fault = {
    title: 'a machine that was Ready is cut off from the network',
    make: ({ machine }) => bed.exec(['ip', 'link', 'set', tapOf(machine), 'down']),
    takeBack: ({ machine }) => bed.exec(['ip', 'link', 'set', tapOf(machine), 'up']),
    cluster: one('machine-silent', /stopped posting/)
  }
  const cniBroken = byShell(
    'the configuration of the network plugin is broken',
    `cp ${cniFile} /root/ && echo '{' > ${cniFile}`,
    `cp /root/10-flannel.conflist ${cniFile}`,
    { cluster: one('cni-missing', /cni plugin not initialized/), machine: one('cni-missing', /10-flannel\.conflist/) }
  )
  const cniMoved: Fault = {
    title: 'the configuration of the network plugin came from another folder, and the container runtime did not notice',
    make: async (worker) => {
      await shell(worker.machine, `cp ${cniFile} /root/ && rm ${cniFile}`)
      await worker.becomes('False')
      await shell(worker.machine, `mv /root/10-flannel.conflist ${cniFile}`)
    },
    takeBack: ({ machine }) => shell(machine, 'systemctl restart containerd'),
    cluster: one('cni-missing', /cni plugin not initialized/),
    machine: one('cni-missing', /cni plugin not initialized/)
  }
  return {
    kubeletFails,
    certificateGone,
    apiCutOff,
    clockBehind,
    clockAhead,
    diskFull,
    cutOff,
    cniBroken,
    cniMoved
  }
}

/** Its network card on the side of the bed: `bed/machine.ts` numbers both alike. */
const tapOf = ({ address }: Machine): string => `tap${Number(address.split('.').at(-1)) - 10}`
