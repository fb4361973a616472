import { readFile, writeFile } from 'node:fs/promises'
import { decisionPolicy } from '@joinery/kube/names'
import type { DecisionSpec, DecisionStatus } from '@joinery/protocol/door'
import { parse, stringify } from 'yaml'
import type { Bed } from './bed/bed.ts'
import type { Result } from './bed/run.ts'
import { waitFor } from './bed/wait-for.ts'
import type { Product } from './product.ts'

/** A Decision as kubectl makes it. */
export interface DecisionObject {
  apiVersion: string
  kind: 'Decision'
  metadata: object
  spec: DecisionSpec
}

/** kubectl in the bed, as one user or another. */
export interface KubectlAs {
  /** Runs kubectl as this user; as the super-admin if it is empty. */
  kubectl(user: string, words: readonly string[], input?: object | string): Promise<Result>
  /** The words in which the API server refuses; empty if it does what is asked. */
  refusal(user: string, words: readonly string[], input?: object | string): Promise<string>
  /** Runs kubectl, and gives its output. Rejects if the API server refuses. */
  must(user: string, words: readonly string[], input?: object | string): Promise<string>
}

/** The Kubernetes door from outside. */
export interface DoorDesk extends KubectlAs {
  /** Binds the ClusterRole of Joinery to this user. */
  bind(role: string, user: string): Promise<void>
  /** Path inside the bed of a kubeconfig by which kubectl is this user, without a flag. */
  kubeconfig(user: string): Promise<string>
  /** A Decision about the enrolment as it is shown now. */
  decision(reference: string, by: string, differs?: object, metadata?: object): Promise<DecisionObject>
  /** Makes the objects, of which kubectl itself judges nothing, and gives their names in the same order. */
  make(user: string, ...objects: object[]): Promise<string[]>
  /** Waits until the policy is so old that Decisions count. The server refuses those of its first seconds. */
  policyCounts(): Promise<void>
  /** Status of each Decision, when all of them have one. */
  settled(names: readonly string[], timeout?: number): Promise<DecisionStatus[]>
}

export const kubectlAs = (bed: Bed): KubectlAs => {
  const kubectl: KubectlAs['kubectl'] = (user, words, input) =>
    bed.exec(['kubectl', ...(user === '' ? [] : ['--as', user]), ...words], {
      ...(input !== undefined && { input: typeof input === 'string' ? input : JSON.stringify(input) })
    })
  return {
    kubectl,
    refusal: async (...asked) => {
      const { code, stderr } = await kubectl(...asked)
      return code === 0 ? '' : stderr || 'refused'
    },
    must: async (...asked) => {
      const { code, stdout, stderr } = await kubectl(...asked)
      if (code !== 0) throw new Error(`kubectl ${asked[1].join(' ')}: exit status ${code}\n${stderr}`)
      return stdout
    }
  }
}

export const doorDesk = ({ bed, show }: Pick<Product, 'bed' | 'show'>): DoorDesk => {
  const as = kubectlAs(bed)
  const { must } = as
  const statuses = async (): Promise<Map<string, DecisionStatus | undefined>> => {
    const { items } = JSON.parse(await must('', ['get', 'decisions', '-o', 'json'])) as {
      items: { metadata: { name: string }; status?: DecisionStatus }[]
    }
    return new Map(items.map(({ metadata, status }) => [metadata.name, status]))
  }
  return {
    ...as,
    bind: async (role, user) => {
      await must('', ['create', 'clusterrolebinding', `${role}-${user}`, `--clusterrole=${role}`, `--user=${user}`])
    },
    kubeconfig: (user) => kubeconfigAs(bed, user),
    decision: async (reference, by, differs = {}, metadata = { generateName: 'd-' }) => {
      const { id, role, key, revision } = await show(reference)
      const spec: DecisionSpec = { enrolment: id, role, verdict: 'approve', key, revision, by, ...differs }
      return { apiVersion: 'joinery.dev/v1beta1', kind: 'Decision', metadata, spec }
    },
    make: async (user, ...items) => {
      const list = { apiVersion: 'v1', kind: 'List', items }
      const names = await must(user, ['create', '--validate=false', '-o', 'name', '-f', '-'], list)
      return names
        .trim()
        .split('\n')
        .map((name) => name.split('/')[1] ?? name)
    },
    policyCounts: async () => {
      const words = ['get', 'validatingadmissionpolicybinding', decisionPolicy]
      const made = () => must('', [...words, '-o', 'jsonpath={.metadata.creationTimestamp}'])
      await waitFor('the policy to count', made, (at) => Date.now() - Date.parse(at) > countsAfter, 60_000)
    },
    settled: async (names, timeout = 60_000) => {
      const found = async () => {
        const all = await statuses()
        return names.map((name) => all.get(name))
      }
      const all = (some: (DecisionStatus | undefined)[]): boolean =>
        some.every((status) => status?.result !== undefined)
      const seen = await waitFor(`${names.length} Decisions to be settled`, found, all, timeout)
      return seen.flatMap((status) => status ?? [])
    }
  }
}

/** Milliseconds. Two seconds are the product's rule, and the time at which an object was made has no fractions of a second. */
const countsAfter = 4000

const kubeconfigAs = async (bed: Bed, user: string): Promise<string> => {
  const [from, path] = ['/etc/kubernetes/super-admin.conf', `/run/joinery/${user}.conf`]
  const config = parse(await readFile(bed.hostPath(from), 'utf8')) as { users: { user: object }[] }
  for (const one of config.users) Object.assign(one.user, { as: user })
  await writeFile(bed.hostPath(path), stringify(config), { mode: 0o600 })
  return path
}
