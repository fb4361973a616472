/** The output of `nft --json list ruleset`, as far as it is read (libnftables-json(5)). Anything may be in an expression. */
export interface NftDocument {
  nftables: NftObject[]
}

export interface NftObject {
  chain?: { family: string; table: string; name: string; hook?: string; policy?: string }
  rule?: { family: string; table: string; chain: string; expr: NftStatement[] }
  set?: { family: string; table: string; name: string; elem?: unknown[] }
}

/** A statement. It has one key, which is its name. */
export type NftStatement = Record<string, unknown>

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Parses the output of nft. Throws if it is no such document. */
export const parseNft = (text: string): NftDocument => {
  const value: unknown = JSON.parse(text)
  if (!isObject(value) || !Array.isArray(value.nftables)) throw new Error('nft prints no ruleset')
  return value as unknown as NftDocument
}
