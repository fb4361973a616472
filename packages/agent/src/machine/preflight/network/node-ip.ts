import { chosenAddress, defaultRoutes, type LinkAddress, nodeAddresses } from '../../../network/kubelet-address.ts'
import { type Route, readRoutes } from '../../../network/routes.ts'
import { familyOf, unfitForNode } from '../../../network/subnets.ts'
import { type Finding, fail, type PreflightCheck, pass, warn } from '../check/check.ts'
import type { PreflightInput } from '../check/preflight-input.ts'

/** Checks the address that the Node gets: from agent.yaml, or else the one that the kubelet would choose. */
export const nodeIp = ({ nodeIp: wanted, nodeName, reachability }: PreflightInput): PreflightCheck => ({
  name: 'node-ip',
  why: 'the control plane and the Pods of other nodes reach this machine by this one address',
  async run(host) {
    const own = nodeAddresses(host.interfaces())
    const seen = own.find(({ address }) => address === reachability?.address)
    if (wanted !== undefined) return judgeWanted(wanted, own, seen)
    const [routes, chosen] = await Promise.all([readRoutes(host), chosenAddress(host, nodeName)])
    if (chosen === undefined) {
      return fail(
        'the kubelet would find no address for this Node: there is no default route over a link with an address',
        ...(own.length > 0 ? oneOf(own.slice(0, 4).map(choose)) : ['ip address', 'ip route'])
      )
    }
    return judgeChosen(chosen, routes, own, seen)
  }
})

const judgeWanted = (wanted: string, own: readonly LinkAddress[], seen: LinkAddress | undefined): Finding => {
  const others = own.slice(0, 4).map(chooseAnother)
  const remedy = others.length > 0 ? oneOf(others) : ['ip address']
  const unfit = unfitForNode(wanted)
  if (unfit !== undefined)
    return fail(`nodeIp in agent.yaml cannot be a Node's address: ${wanted} is ${unfit}`, ...remedy)
  const link = own.find(({ address }) => address === wanted)
  if (link === undefined) return fail(`nodeIp in agent.yaml is ${wanted}, which no link of this machine has`, ...remedy)
  const differs = seen === undefined || seen.address === wanted ? '' : `; the pairing server sees ${seen.address}`
  return pass(`the kubelet is told to use ${describe(link)}${differs}`)
}

const judgeChosen = (
  chosen: LinkAddress,
  routes: readonly Route[],
  own: readonly LinkAddress[],
  seen: LinkAddress | undefined
): Finding => {
  const family = familyOf(chosen.address)
  if (seen !== undefined && seen.address !== chosen.address && familyOf(seen.address) === family) {
    return warn(
      `the kubelet would use ${describe(chosen)}, and the pairing server sees this machine as ${describe(seen)}`,
      ...oneOf([choose(seen), choose(chosen)])
    )
  }
  const [first, ...others] = defaultRoutes(routes, family)
  const rivals = others.filter(({ metric, device }) => metric === first?.metric && device !== first.device)
  if (first?.device === chosen.device && rivals.length > 0) {
    const devices = [first, ...rivals].map(({ device }) => device)
    return warn(
      `the kubelet would use ${describe(chosen)}, by chance: ${devices.join(' and ')} have default routes of the same metric`,
      ...oneOf(
        own.filter(({ address, device }) => familyOf(address) === family && devices.includes(device)).map(choose)
      )
    )
  }
  return pass(`the kubelet uses ${describe(chosen)}`)
}

const describe = ({ address, device }: LinkAddress): string => `${address} (${device})`

/** A choice of commands. Two of them would write two addresses, so the others stand there as comments. */
const oneOf = ([first, ...others]: readonly string[]): string[] =>
  first === undefined ? [] : [first, ...others.map((other) => `# or: ${other}`)]

const restart = 'systemctl restart joinery-agent'

const choose = ({ address }: LinkAddress): string =>
  `echo 'nodeIp: ${address}' >> /etc/joinery/agent.yaml && ${restart}`

const chooseAnother = ({ address }: LinkAddress): string =>
  `sed -i 's/^nodeIp:.*/nodeIp: ${address}/' /etc/joinery/agent.yaml && ${restart}`
