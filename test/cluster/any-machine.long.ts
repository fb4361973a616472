import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { openBed } from './bed/bed.ts'
import type { Machine, MachineOptions } from './bed/machine.ts'
import { waitFor } from './bed/wait-for.ts'
import { brokenUserData } from './broken-user-data.ts'
import { placeNetworkPlugin } from './network-plugin.ts'
import { agentPackage, installProduct, minutes } from './product.ts'
import { watchTokens } from './token-watch.ts'
import { byName, fails, follow, hasRuntime, walled, withoutRuntime, withSwap } from './trouble.ts'

t.setTimeout(0)

/**
 * Machines that are not as they should be, each in its own ways: what the operator sees, what is mended, and that each ends
 * Ready or stops with the right reason. Where somebody has to mend, the remedies that the operator is shown are what is run.
 * `rebuilt.long.ts` has a firewall, swap and a container runtime that is mended.
 */
const bed = await openBed()
t.teardown(() => bed.close())
t.comment(`Kubernetes ${bed.kubernetes}; logs and consoles: ${bed.logs}`)
const minor = Number(bed.kubernetes.split('.')[1])
// older-kubelet.long.ts has a real one, which takes minutes to compile
const olderKubelet = await bed.kubeletThatSays(`v1.${minor - 2}.0`)
// the user-data finds the package installed; `copy`, whose clock is behind, boots from its start and installs it
const template = await bed.templateWith(agentPackage)
const product = await installProduct(bed)
const tokens = await watchTokens(bed)
const { joinery, show, reaches } = product

interface Broken {
  number: number
  /** Shell. */
  script: string
  /** Of `joinery code create`. */
  options?: string[]
  machine?: MachineOptions
}

/** Boots a machine that was broken so, and waits until the operator sees it. */
const boot = async (name: string, { number, script, options = [], machine }: Broken): Promise<Machine> => {
  const booted = bed.machine(name, number, { template, ...machine })
  const userData = await joinery('code', 'create', '--name', name, '--cloud-init', ...options)
  await booted.boot(brokenUserData(userData, script))
  await reaches(name, 'pending', 20 * minutes)
  return booted
}

const endsReady = async (t: Test, name: string, machine: Machine, number: number): Promise<void> => {
  await reaches(name, 'joined', 10 * minutes)
  await placeNetworkPlugin(machine, number)
  t.match(await reaches(name, 'ready', 15 * minutes), { confirmed: true, node: { condition: 'Ready' } })
}

/** It has shown what it had to: the others need the processor. */
const off = (machine: Machine): Promise<void> => machine.powerCut()

const shell = async (machine: Machine, command: string): Promise<string> => (await machine.ssh(command)).stdout

/** Kept free of what the disk needs for the join itself, in bytes. */
const fill = 'fallocate --length $(( $(df --output=avail --block-size=1 / | tail -1) - 100000000 )) /filler'

const sameId = 'c0ffee00c0ffee00c0ffee00c0ffee00'

t.test('three machines in trouble join at a time', { jobs: 3 }, async (t) => {
  t.test('a machine with swap, no CRI and another cgroup driver is mended as far as the code allows', async (t) => {
    const script = `
      echo ${sameId} > /etc/machine-id
      ${withSwap}
      ${withoutRuntime}
    `
    const machine = await boot('mended', { number: 1, script, options: ['--remediate', 'runtime'] })
    // it learns that the cluster refuses swap when it has enrolled; until then the check warns
    await waitFor(
      'it to have no swap',
      () => show('mended'),
      (seen) => byName(seen).swap?.verdict === 'pass',
      15 * minutes
    )
    await fails(product, 'mended')
    t.equal(await shell(machine, 'cat /proc/swaps | tail -n +2'), '', 'swap is off')
    t.match(await shell(machine, 'cat /etc/fstab'), /^#.*\/swapfile none swap/m, 'and stays off')
    await hasRuntime(t, machine)
    const status = JSON.parse(await shell(machine, 'joinery-agent status -o json'))
    t.match(
      new Set(status.changes.map(({ check }: { check: string }) => check)),
      new Set(['kernel-modules', 'sysctls', 'swap', 'container-runtime']),
      'every change is told'
    )
    await joinery('approve', 'mended', '--yes')
    await endsReady(t, 'mended', machine, 1)
    await off(machine)
  })

  t.test(
    'a machine with a firewall, a full disk and leftovers of another cluster waits until somebody acts',
    async (t) => {
      const script = `
      ${walled}
      mkdir -p /etc/kubernetes/pki /etc/cni/net.d
      echo old > /etc/kubernetes/kubelet.conf && echo old > /etc/kubernetes/pki/ca.crt
      echo '{}' > /etc/cni/net.d/05-old.conflist
      ${fill}
    `
      const machine = await boot('walled', { number: 2, script })
      const seen = await fails(product, 'walled', 'disk-space', 'earlier-join', 'firewall', 'reachability')
      const checks = byName(seen)
      t.match(checks.firewall, {
        finding: /10250 is blocked by nftables/,
        remedy: [/^nft insert rule inet site input .*10250/]
      })
      t.match(checks.reachability, { finding: /10250/ })
      t.match(checks['earlier-join'], { finding: /kubelet\.conf/ })
      await joinery('approve', 'walled', '--yes')
      for (const name of ['firewall', 'earlier-join']) await follow(t, machine, checks[name])
      const { leftovers } = byName(await fails(product, 'walled', 'disk-space'))
      t.match(leftovers, { verdict: 'warn', finding: /05-old\.conflist/ }, 'what a reset leaves is told after it')
      await follow(t, machine, leftovers)
      t.equal((await show('walled')).state, 'approved', 'it does not claim')
      t.same((await show('walled')).attempts, [])
      await shell(machine, 'rm /filler')
      await endsReady(t, 'walled', machine, 2)
      await off(machine)
    }
  )

  t.test('a machine with a newer kubelet and no way to the API server waits until somebody acts', async (t) => {
    const script = `
      nft 'add table inet hole; add chain inet hole output { type filter hook output priority 0; }; add rule inet hole output tcp dport 6443 drop'
      mv /usr/bin/kubelet /usr/bin/kubelet.real
      printf '%s\\n' '#!/bin/sh' 'echo Kubernetes v1.99.0' > /usr/bin/kubelet && chmod 755 /usr/bin/kubelet
    `
    const machine = await boot('mixed', { number: 3, script })
    const checks = byName(await fails(product, 'mixed', 'version-skew', 'api-endpoint', 'control-planes'))
    t.match(checks['version-skew']?.finding, /v1\.99\.0/)
    t.match(checks['version-skew']?.remedy?.join('\n'), `kubelet='1.${minor}.*'`, 'the package to install')
    t.match(checks['api-endpoint'], { finding: /172\.30\.0\.1:6443 does not answer/ })

    await machine.ssh(
      'cat > /usr/bin/kubelet.older && chmod 755 /usr/bin/kubelet.older && mv /usr/bin/kubelet.older /usr/bin/kubelet',
      await readFile(olderKubelet)
    )
    const allowed = byName(await fails(product, 'mixed', 'api-endpoint', 'control-planes'))
    t.not(allowed['version-skew']?.verdict, 'fail', 'two minor versions older is allowed')
    await joinery('approve', 'mixed', '--yes')
    t.match(await show('mixed'), { state: 'approved', attempts: { length: 0 } })
    await shell(machine, 'nft delete table inet hole')
    await endsReady(t, 'mixed', machine, 3)
    const joined = await bed.kubectl('get', 'node', 'mixed', '-o', 'jsonpath={.status.nodeInfo.kubeletVersion}')
    t.equal(joined, `v1.${minor - 2}.0`)
    await off(machine)
  })

  t.test('a machine with a clock an hour behind and the machine id of a node waits until somebody acts', async (t) => {
    const script = `echo ${sameId} > /etc/machine-id`
    await reaches('mended', 'ready', 30 * minutes)
    const machine = await boot('copy', { number: 4, script, machine: { clockAhead: -3600 } })
    const checks = byName(await fails(product, 'copy', 'clock-skew', 'unique-machine'))
    t.match(checks['clock-skew'], { finding: /behind the pairing server's/ })
    t.match(checks['unique-machine'], { finding: new RegExp(`${sameId}.*mended`) })
    await follow(t, machine, checks['clock-skew'])
    await fails(product, 'copy', 'unique-machine')
    await joinery('approve', 'copy', '--yes')
    const stopped = await waitFor(
      'it to be held',
      () => show('copy'),
      ({ message }) => message.includes('machine id'),
      5 * minutes
    )
    t.match(stopped, { state: 'approved', attempts: { length: 0 } })
    await off(machine)
  })
})

t.test('none of these machines leaves a token', async (t) => {
  tokens.end()
  t.same(await tokens.left(), [])
})
