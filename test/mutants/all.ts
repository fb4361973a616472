import { agent } from './agent.ts'
import { bounds } from './bounds.ts'
import { codesAndIdentity } from './codes-and-identity.ts'
import { credentialsAndCsrs } from './credentials-and-csrs.ts'
import { kubernetesDoor } from './kubernetes-door.ts'
import { logAndServers } from './log-and-servers.ts'
import type { Mutant } from './mutant.ts'
import { trust } from './trust.ts'

const themes = [codesAndIdentity, credentialsAndCsrs, kubernetesDoor, trust, logAndServers, agent, bounds]

export const mutants: readonly (Mutant & { name: string })[] = themes.flatMap((theme) =>
  Object.entries(theme).map(([name, mutant]) => ({ name, ...mutant }))
)
