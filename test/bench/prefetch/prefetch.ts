import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@joinery/cli/testing/session'
import { type Bed, openBed } from '../../cluster/bed/bed.ts'
import type { Machine } from '../../cluster/bed/machine.ts'
import { installProduct, minutes, reconfigure } from '../../cluster/product.ts'
import { type Figure, median, round } from '../figure.ts'
import { forgetAgent, type Parts, resetMachine, retire, startBare } from '../side-by-side.ts'
import { startStopwatch } from '../stopwatch.ts'
import type { TargetName } from '../targets.ts'
import { ballast, configurationFile, daemonSet, registry } from './plugin.ts'
import { startRegistry } from './registry.ts'

const rounds = 5
/** Until a machine has nothing else to do, in milliseconds. */
const rest = 15_000

/** GiB of each disk: a machine that waits fills no disk beyond 70 %, and sets four times the image's bytes aside. */
const disk = 8

/** The link from the registry, and from everything else, to a machine. */
const link = ['rate', '100mbit', 'burst', '128kb', 'latency', '100ms']

interface Round {
  bare: Reached
  prefetched: Joined
  plain: Joined
}

/** Milliseconds from the operator's call, or from the start of kubeadm, to the Node and to Ready. */
interface Reached {
  registered: number
  ready: number
}

interface Joined extends Reached {
  claimed: number
}

/**
 * Approve to Ready beside bare `kubeadm join` to Ready, in a cluster whose network plugin is an image of 200 MB on a link of 100 Mbit/s:
 * with prefetch, and without it. Two equal machines of the test bed join and are reset in turn. Needs root and Go.
 */
export const prefetchTime = async (): Promise<Figure[]> => {
  const bed = await openBed()
  try {
    await startRegistry(bed)
    const product = await installProduct(bed)
    await reconfigure(product, 'diagnosis: on')
    const applied = await bed.exec(['kubectl', 'apply', '-f', '-'], { input: JSON.stringify(daemonSet) })
    if (applied.code !== 0) throw new Error(applied.stderr)
    const parts = { bed, product, stopwatch: await startStopwatch(bed) }
    const [bare, joinery] = [bed.machine('bare', 1, { disk }), bed.machine('joinery', 2, { disk })]
    const booted = performance.now()
    // the agent prepares both
    for (const machine of [bare, joinery]) {
      await machine.boot(
        await product.joinery('code', 'create', '--name', machine.name, '--no-prefetch', '--cloud-init')
      )
    }
    for (const { name } of [bare, joinery]) await product.reaches(name, 'pending', 15 * minutes)
    const pending = performance.now() - booted
    for (const [number, machine] of [bare, joinery].entries()) {
      await retire(parts, machine, machine.name)
      await prepare(bed, machine, number + 1)
    }
    const measured: Round[] = []
    for (let count = 1; count <= rounds; count += 1) {
      const round = {
        bare: await joinBare(parts, bare, `bare-${count}`),
        prefetched: await joinByJoinery(parts, joinery, `prefetched-${count}`, true),
        plain: await joinByJoinery(parts, joinery, `plain-${count}`, false)
      }
      measured.push(round)
      process.stderr.write(`${count} of ${rounds}: ${JSON.stringify(round)}\n`)
    }
    return figures(bed, measured, pending)
  } finally {
    await bed.close()
  }
}

const figures = (bed: Bed, measured: readonly Round[], pending: number): Figure[] => {
  const times = `medians of ${measured.length}, Kubernetes ${bed.kubernetes}, emulated machines`
  const ratio = (name: string, kind: 'prefetched' | 'plain', target: TargetName): Figure => {
    const ratios = measured.map((round) => round[kind].ready / round.bare.ready)
    return {
      name,
      measured: `ratio ${median(ratios).toFixed(3)} (${ratios.map((one) => one.toFixed(3)).join(', ')})`,
      judged: { [target]: median(ratios) }
    }
  }
  const seconds = (of: (round: Round) => number) => `${round(median(measured.map(of)) / 1000)} s`
  const stages = (kind: 'prefetched' | 'plain'): string =>
    [
      `to the claim ${seconds((round) => round[kind].claimed)}`,
      `to the Node ${seconds((round) => round[kind].registered - round[kind].claimed)}`,
      `to Ready ${seconds((round) => round[kind].ready - round[kind].registered)}`
    ].join(', ')
  return [
    ratio('Ready beside bare kubeadm join', 'prefetched', 'ready-with-prefetch'),
    ratio('the same, without prefetch', 'plain', 'ready-without-prefetch'),
    {
      name: 'kubeadm join to Ready',
      measured:
        `${seconds(({ bare }) => bare.ready)}: to the Node ${seconds(({ bare }) => bare.registered)}, ` +
        `to Ready ${seconds(({ bare }) => bare.ready - bare.registered)}; ${times}`
    },
    {
      name: 'approve to Ready, with prefetch',
      measured: `${seconds(({ prefetched }) => prefetched.ready)}: ${stages('prefetched')}`
    },
    {
      name: 'approve to Ready, without',
      measured: `${seconds(({ plain }) => plain.ready)}: ${stages('plain')}`
    },
    { name: 'power on to pending', measured: `${round(pending / 1000)} s, once, two machines at a time` }
  ]
}

/** Slows the machine's link, gives its file system the whole disk, and lets its runtime ask the registry without TLS. */
const prepare = async (bed: Bed, machine: Machine, number: number): Promise<void> => {
  await must(bed.exec(['tc', 'qdisc', 'replace', 'dev', `tap${number}`, 'root', 'tbf', ...link]))
  await must(
    machine.ssh(`set -e
resize2fs /dev/vda
mkdir -p /etc/containerd/certs.d/${registry}
echo 'server = "http://${registry}"' > /etc/containerd/certs.d/${registry}/hosts.toml
cat >> /etc/containerd/config.toml <<'END'
[plugins.'io.containerd.cri.v1.images'.registry]
config_path = '/etc/containerd/certs.d'
END
systemctl restart containerd`)
  )
}

const joinBare = async (parts: Parts, machine: Machine, name: string): Promise<Reached> => {
  const start = await startBare(parts, machine, name)
  const registered = await parts.stopwatch.at(`ADDED ${name}`, 10 * minutes)
  const ready = await parts.stopwatch.at(`READY ${name}`, 10 * minutes)
  await forget(parts, machine, name)
  return { registered: Number(registered - start) / 1e6, ready: Number(ready - start) / 1e6 }
}

const joinByJoinery = async (parts: Parts, machine: Machine, name: string, prefetch: boolean): Promise<Joined> => {
  const { bed, product, stopwatch } = parts
  const { joinery } = product
  const option = prefetch ? '--prefetch' : '--no-prefetch'
  const { code } = JSON.parse(await joinery('code', 'create', '--name', name, option, '-o', 'json')) as { code: string }
  await must(machine.ssh('umask 077; cat > /etc/joinery/code; systemctl start joinery-agent', code))
  await product.reaches(name, 'pending', 5 * minutes)
  // an operator needs longer than that; what is measured is a machine that had the time
  if (prefetch)
    await machine.waitFor('the images', `joinery-agent status | grep -q 'pulled 1 of 1 images'`, 5 * minutes)
  await sleep(rest)
  const { revision, key } = await product.show(name)
  const operator = connect(bed.hostPath('/run/joinery/operator.sock'))
  const start = process.hrtime.bigint()
  await operator.approve(name, { revision, key })
  await operator.close()
  const registered = await stopwatch.at(`ADDED ${name}`, 10 * minutes)
  const ready = await stopwatch.at(`READY ${name}`, 10 * minutes)
  const { timeline } = await product.reaches(name, 'ready', minutes)
  const at = (event: string) => Date.parse(timeline.find((entry) => entry.event === event)?.at ?? '')
  await forgetAgent(machine)
  await joinery('remove', name, '--no-drain', '--yes')
  await forget(parts, machine, name)
  return {
    claimed: at('claim') - at('approve'),
    registered: Number(registered - start) / 1e6,
    ready: Number(ready - start) / 1e6
  }
}

/**
 * Makes the machine as it was before it joined: without Node, without the plugin's configuration, and without a byte of its image. An image
 * has several names, and each one keeps its layers.
 */
const forget = async ({ bed }: Parts, machine: Machine, name: string): Promise<void> => {
  await resetMachine(bed, machine, name)
  await must(
    machine.ssh(`set -e
rm -f ${configurationFile}
crictl --runtime-endpoint unix:///run/containerd/containerd.sock rmi --prune >/dev/null
left=$(du --summarize --block-size=1M /var/lib/containerd/io.containerd.content.v1.content | cut -f 1)
test "$left" -lt ${ballast.bytes / 1e6} || { echo "$left MiB of layers are left"; exit 1; }`)
  )
}

const must = async (running: Promise<{ code: number | null; stdout: string; stderr: string }>): Promise<void> => {
  const { code, stdout, stderr } = await running
  if (code !== 0) throw new Error(`exit status ${code}: ${stdout}${stderr}`)
}
