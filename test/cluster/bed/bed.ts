import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { buildKubeletThatSays, buildProgram, kubernetesVersion } from './binaries.ts'
import { build, type OwnImages } from './build.ts'
import { claimBed } from './claim.ts'
import { initPhase, startControlPlane } from './control-plane.ts'
import { entering, type Process, runInside, spawnInside } from './inside.ts'
import { type Machine, type MachineOptions, machineOf } from './machine.ts'
import { createMountNamespace, hostPath } from './mount-namespace.ts'
import { createNetwork } from './network.ts'
import { type Place, placesOf } from './place.ts'
import { type Result, type RunOptions, tail } from './run.ts'
import { type Settings, settingsOf } from './settings.ts'
import { type Site, writeSite } from './site.ts'
import { makeTemplate, makeTemplateWith, type TemplateKind } from './template.ts'

/** A real cluster on this host: a control plane of processes and virtual machines on a network of their own. */
export interface Bed {
  /** The Kubernetes version, `v1.37.2`. */
  readonly kubernetes: string
  readonly settings: Settings
  /** Folder of every log and console of this run; it stays. */
  readonly logs: string
  /** kubectl as the super-admin; gives its output and rejects when it fails. */
  kubectl(...args: string[]): Promise<string>
  /** Runs a phase of `kubeadm init`, such as `addon kube-proxy`, with the configuration of the cluster. */
  initPhase(...words: string[]): Promise<void>
  /** Runs a command inside to its end, as the super-admin. A non-zero status is a result. */
  exec(argv: readonly string[], options?: RunOptions): Promise<Result>
  /** Starts a long-running process inside; its output goes to `<name>.log` in the logs. */
  spawn(name: string, argv: readonly string[], options?: { env?: Record<string, string> }): Promise<Process>
  /** The command that runs `argv` inside, for a caller that starts it by itself. */
  entering(argv: readonly string[]): string[]
  /** Where a path inside lies for those outside: `/run/joinery/operator.sock`, `/etc/kubernetes/pki/ca.crt`. */
  hostPath(path: string): string
  /** The machine `name` with the address 172.30.0.(10 + number). */
  machine(name: string, number: number, options?: MachineOptions): Machine
  /** Path of a program of another minor version, one of ../go; the first time it takes minutes to build. */
  program(minor: string, program: 'kubelet' | 'kubeadm'): Promise<string>
  /** Path of the cluster's own kubelet, which says that it is another version, such as `v1.35.0`. */
  kubeletThatSays(version: string): Promise<string>
  /** Folder of a saved machine that has this Debian package installed. The first time it takes half a minute to make, or two. */
  templateWith(debianPackage: string, kind?: TemplateKind): Promise<string>
  /** Tears everything down but the logs. Done by itself when this process ends, however it ends. */
  close(): Promise<void>
  /** Leaves the bed up when this process ends. */
  leave(): Promise<void>
}

export interface BedOptions {
  settings?: Settings
  /** Where it may be; default: wherever there is room. */
  places?: readonly Place[]
  /** Flags of the API server beside those that kubeadm gives it, as `{ 'anonymous-auth': 'false' }`. */
  apiServer?: Readonly<Record<string, string>>
  /** Images that its machines have beside those of a control plane. */
  images?: OwnImages
}

/**
 * Builds what is not cached, takes a place on this host, removes what an earlier run left, and brings the control plane up.
 * Needs root and Go.
 */
export async function openBed(options: BedOptions = {}): Promise<Bed> {
  const { settings = settingsOf(process.env, new Date()), apiServer = {} } = options
  const { cache, logs } = settings
  const { places = placesOf(cache) } = options
  const built = await build(settings, options.images)
  const claim = await claimBed(places, logs)
  const { namespace, run } = claim.place
  await using undo = new AsyncDisposableStack()
  undo.defer(() => claim.end())
  const { machine, emulator, template } = built
  await mkdir(run, { mode: 0o700 })
  await createNetwork(namespace)
  const site: Site = {
    namespace,
    kubernetes: await kubernetesVersion(settings.minor),
    run,
    logs,
    image: machine,
    emulator,
    template,
    programs: Object.values(built.binaries).join(':'),
    holder: await createMountNamespace(namespace, run)
  }
  await startControlPlane(site, apiServer)
  await writeSite(site)
  undo.move()
  return {
    ...bedAt(site),
    settings,
    program: (minor, program) => buildProgram(cache, minor, program, join(logs, 'build.log')),
    kubeletThatSays: (version) => buildKubeletThatSays(cache, settings.minor, version, join(logs, 'build.log')),
    async templateWith(debianPackage, kind = {}) {
      const log = join(logs, 'build.log')
      const site = { cache, edition: built.edition, image: machine, emulator, log }
      return makeTemplateWith(debianPackage, await makeTemplate(site, kind), site, kind)
    },
    close: () => claim.end(),
    leave: () => claim.leave()
  }
}

function bedAt(site: Site): Omit<Bed, 'settings' | 'program' | 'kubeletThatSays' | 'templateWith' | 'close' | 'leave'> {
  return {
    kubernetes: site.kubernetes,
    logs: site.logs,
    async kubectl(...args) {
      const { code, stdout, stderr } = await runInside(site, ['kubectl', ...args])
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit status ${code}\n${tail(stderr)}`)
      return stdout
    },
    initPhase: (...words) => initPhase(site, ...words),
    exec: (argv, options) => runInside(site, argv, options),
    spawn: (name, argv, options) => spawnInside(site, name, argv, options?.env),
    entering: (argv) => entering(site, argv),
    hostPath: (path) => hostPath(site.run, path),
    machine: (name, number, options) => machineOf(site, name, number, options)
  }
}
