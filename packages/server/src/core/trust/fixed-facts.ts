import { join } from 'node:path'
import { Statement } from '@joinery/protocol'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { parse, stringify } from 'yaml'
import { readIfThere } from '../base/files.ts'
import { rememberLatest } from '../base/remember-latest.ts'

const { cluster, apiEndpoint } = Statement.properties

/**
 * Facts of the cluster that root fixed with `joinery-server setup`. Whoever has the server's account may change what the cluster says of
 * itself, and not these.
 */
export const FixedFacts = Type.Object({
  cluster,
  apiEndpoint,
  setup: Type.Optional(
    Type.String({ description: 'digest of what that setup made in the cluster; absent if an earlier version did' })
  )
})
export type FixedFacts = Static<typeof FixedFacts>

/** Name of the extension of the kubeconfig's cluster that has the facts, as kubectl lets programs have theirs. */
const extension = 'joinery.dev/installation'

interface Kubeconfig {
  clusters?: { cluster?: { extensions?: { name?: unknown; extension?: unknown }[] } }[]
}

/** The facts in the server's own kubeconfig. Undefined if there are none: `setup` has not run since servers fix them. */
export const fixedFacts = async (kubeconfigFile: string): Promise<FixedFacts | undefined> => {
  const text = await readIfThere(kubeconfigFile)
  return text && parsed(text.toString())
}

/** The uid of the cluster by which servers prove who they are. Until `setup` has fixed it, all of them say that it is unknown. */
export const fixedCluster = async (state: string): Promise<string> =>
  (await fixedFacts(join(state, 'kubeconfig')))?.cluster ?? ''

const factsIn = (text: string): FixedFacts | undefined => {
  try {
    const { clusters }: Kubeconfig = parse(text)
    const found = clusters?.[0]?.cluster?.extensions?.find(({ name }) => name === extension)?.extension
    return Value.Check(FixedFacts, found) ? found : undefined
  } catch {
    // the cluster's own client says what is wrong with the file
    return undefined
  }
}

/** Each claim asks, and the file changes once a day. */
const parsed = rememberLatest(factsIn, 64 * 1024)

/** The text of a kubeconfig with these facts in it. */
export const withFixedFacts = (kubeconfig: string, facts: FixedFacts): string => {
  const { clusters = [], ...rest } = parse(kubeconfig)
  const [{ cluster, ...named }, ...others] = clusters
  const extensions = [{ name: extension, extension: facts }]
  return stringify({ ...rest, clusters: [{ ...named, cluster: { ...cluster, extensions } }, ...others] })
}
