import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EnrolmentDetail, State } from '@joinery/protocol'
import type { Test } from 'tap'
import { aptRepository } from '../../packaging/apt/apt-repository.ts'
import { aptSources } from '../../packaging/apt/apt-sources.ts'
import { openKeys, scratch } from '../packaging/gpg-keys.ts'
import { readmeCommands } from '../readme-commands.ts'
import type { Bed } from './bed/bed.ts'
import type { Machine } from './bed/machine.ts'
import { waitFor } from './bed/wait-for.ts'
import { minutes, type Operator, operatorAt, root, rootSocket } from './product.ts'

/** A machine that plays the control-plane host, since the bed's control plane is processes without systemd. */
export interface ControlPlaneHost {
  readonly machine: Machine
  /** Runs a command as root, and gives its output. Rejects where it fails. */
  type(command: string): Promise<string>
  /** Gives an operator in the bed, at the socket of the server here: a command takes an emulated machine seconds to start. */
  operate(): Promise<Operator>
  /** Waits until the enrolment is in this state, as `joinery show` says there. */
  reaches(reference: string, state: State, timeout: number): Promise<EnrolmentDetail>
}

/** A repository: its suites, each with its packages. */
export type Suites = Readonly<Record<string, readonly string[]>>

/** Boots the host, with the kubeconfig of an administrator. */
export const bootControlPlaneHost = async (bed: Bed, number: number): Promise<ControlPlaneHost> => {
  // systemd gives a server 90 seconds to start
  const machine = bed.machine('control-plane', number, { ahead: true })
  const type = async (command: string): Promise<string> => {
    const { code, stdout, stderr } = await machine.ssh(command)
    if (code !== 0) throw new Error(`${command}: exit status ${code}\n${stdout}${stderr}`)
    return stdout
  }
  await machine.boot()
  await machine.waitFor('its first boot to end', 'test -e /run/cloud-init/result.json', 15 * minutes)
  // without a configuration it starts over and over
  await type('systemctl stop kubelet')
  await type('mkdir -p /etc/kubernetes')
  const admin = await readFile(bed.hostPath('/etc/kubernetes/admin.conf'))
  await machine.ssh('umask 077; cat > /etc/kubernetes/admin.conf', admin)
  return {
    machine,
    type,
    operate: async () => {
      const socket = '/run/joinery/host.sock'
      await machine.forward(socket, rootSocket)
      // each look takes processor from what it waits for
      return operatorAt(bed, socket, 1000)
    },
    reaches: (reference, state, timeout) =>
      waitFor(
        `${reference} to be ${state}`,
        async () => JSON.parse(await type(`joinery show ${reference} -o json`)) as EnrolmentDetail,
        (seen) => seen.state === state,
        timeout
      )
  }
}

/** Takes every other repository from the host. apt asks nobody there before it installs. */
const alone = `rm --force /etc/apt/sources.list /etc/apt/sources.list.d/*
echo 'APT::Get::Assume-Yes "true";' > /etc/apt/apt.conf.d/90-nobody-answers`

/** Lays a repository signed by a new key onto the host, and adds the suite to its apt by the commands of the README. */
export const addRepository = async (t: Test, host: ControlPlaneHost, suites: Suites, suite: string): Promise<void> => {
  const [folder, keys] = [scratch(t), openKeys(t)]
  const key = keys.make('release')
  for (const [name, debs] of Object.entries(suites))
    keys.sign(aptRepository({ debs, suite: name, folder, date: new Date() }), 'release')
  const files = execFileSync('tar', ['--create', `--directory=${folder}`, '.'], { maxBuffer: 2 ** 28 })
  const laid = await host.machine.ssh('mkdir /srv/joinery && tar --extract --directory /srv/joinery', files)
  if (laid.code !== 0) throw new Error(`the repository: ${laid.stderr}`)
  const sources = Buffer.from(aptSources({ url: 'file:/srv/joinery', suite, key }))
  await host.machine.ssh('cat > ~/joinery.sources', sources)
  await host.type(alone)
  const readme = await readFile(join(root, 'README.md'), 'utf8')
  for (const command of readmeCommands(readme, 'repository')) await host.type(command)
}
