import { contains, parseSubnet } from '../../../network/subnets.ts'
import { isObject } from './nft-document.ts'
import { type Connection, type Match, not } from './ruleset.ts'

/** The elements of a named set. Undefined if the set has no known elements. */
export type SetElements = (name: string) => unknown[] | undefined

/** Matches a `match` statement of nftables. */
export const nftMatch = (match: unknown, connection: Connection, elements: SetElements): Match => {
  if (!isObject(match)) return 'maybe'
  const { op, left, right } = match
  if (impossible(left, connection)) return 'no'
  const value = knownOf(left, connection)
  if (typeof op === 'string' && op in orders && typeof value === 'number' && typeof right === 'number') {
    return (orders as Record<string, (a: number, b: number) => boolean>)[op]?.(value, right) ? 'yes' : 'no'
  }
  if (op !== '==' && op !== '!=' && op !== 'in') return 'maybe'
  const is = holds(left, right, connection, elements)
  return op === '!=' ? not(is) : is
}

const orders = {
  '<': (a: number, b: number) => a < b,
  '>': (a: number, b: number) => a > b,
  '<=': (a: number, b: number) => a <= b,
  '>=': (a: number, b: number) => a >= b
}

/** Matches the part of the packet that `left` reads with `right`: it is `right`, or in it. */
export const holds = (left: unknown, right: unknown, connection: Connection, elements: SetElements): Match => {
  const items = itemsOf(right, elements)
  if (items === undefined) return 'maybe'
  const each = items.map((item) => isItem(left, item, connection))
  if (each.includes('yes')) return 'yes'
  return each.includes('maybe') ? 'maybe' : 'no'
}

/** True for a header that a TCP packet of this family does not have. */
const impossible = (left: unknown, { family }: Connection): boolean => {
  const payload = isObject(left) ? left.payload : undefined
  if (!isObject(payload) || typeof payload.protocol !== 'string') return false
  const { protocol } = payload
  return otherHeaders.has(protocol) || protocol === (family === 'ipv4' ? 'ip6' : 'ip')
}

const otherHeaders = new Set(['udp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmpv6', 'igmp', 'esp', 'ah', 'arp'])

type Value = number | string | undefined

/** The known value of that part of the packet. Undefined if nothing is known. */
const knownOf = (left: unknown, connection: Connection): Value => {
  if (!isObject(left)) return undefined
  const { payload, meta, ct, fib } = left
  if (isObject(payload)) return payloadOf(payload, connection)
  if (isObject(meta)) return metaOf(meta, connection)
  if (isObject(ct)) return ct.key === 'state' ? 'new' : undefined
  return isObject(fib) && fib.result === 'type' && [fib.flags].flat().includes('daddr') ? 'local' : undefined
}

const payloadOf = ({ protocol, field }: Record<string, unknown>, { port }: Connection): Value => {
  if ((protocol === 'tcp' || protocol === 'th') && field === 'dport') return port
  return field === 'protocol' || field === 'nexthdr' ? 'tcp' : undefined
}

const metaOf = ({ key }: Record<string, unknown>, { family }: Connection): Value => {
  if (key === 'l4proto') return 'tcp'
  if (key === 'nfproto') return family
  if (key === 'protocol') return family === 'ipv4' ? 'ip' : 'ip6'
  return key === 'pkttype' ? 'host' : undefined
}

const isItem = (left: unknown, item: unknown, connection: Connection): Match => {
  const value = knownOf(left, connection)
  if (value === undefined) return cannotBe(left, item) ? 'no' : 'maybe'
  if (isObject(item)) {
    const [first, last] = Array.isArray(item.range) ? item.range : []
    if (typeof value !== 'number' || typeof first !== 'number' || typeof last !== 'number') return 'maybe'
    return value >= first && value <= last ? 'yes' : 'no'
  }
  // a port cannot be told by its name
  if (typeof value === 'number' && typeof item !== 'number') return 'maybe'
  return item === value || (value === 'tcp' && item === 6) ? 'yes' : 'no'
}

/**
 * True if a packet of another machine cannot have this. It comes neither over the loopback link nor from or to a
 * loopback address.
 */
const cannotBe = (left: unknown, item: unknown): boolean => {
  if (!isObject(left)) return false
  const { meta, payload } = left
  if (isObject(meta)) return (meta.key === 'iif' || meta.key === 'iifname') && item === 'lo'
  if (!isObject(payload) || (payload.field !== 'saddr' && payload.field !== 'daddr')) return false
  const prefix = isObject(item) && isObject(item.prefix) ? item.prefix : undefined
  const network = parseSubnet(prefix === undefined ? String(item) : `${prefix.addr}/${prefix.len}`)
  return network !== undefined && loopback.some((own) => contains(own, network))
}

const loopback = ['127.0.0.0/8', '::1'].flatMap((text) => parseSubnet(text) ?? [])

/** The items on the right side. Undefined if they are not known: rules fill a set while packets come. */
const itemsOf = (right: unknown, elements: SetElements): unknown[] | undefined => {
  if (typeof right === 'string' && right.startsWith('@')) return elements(right.slice(1))?.map(unwrapped)
  if (Array.isArray(right)) return right
  if (!isObject(right)) return [right]
  if (Array.isArray(right.set)) return right.set.map(unwrapped)
  // one of the flags
  return Array.isArray(right['|']) ? right['|'] : [right]
}

/** The value of an element that has a counter, a comment or a timeout. */
const unwrapped = (element: unknown): unknown =>
  isObject(element) && isObject(element.elem) ? element.elem.val : element
