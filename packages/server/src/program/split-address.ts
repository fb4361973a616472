/**
 * Splits a listen address. For an empty host Node listens on `::`, which takes IPv4 too, and on 0.0.0.0 if the kernel
 * has no IPv6.
 */
export const splitAddress = (address: string): { host: string; port: number } => {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) }
}
