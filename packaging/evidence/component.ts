/** One thing that a release is made of, in neither form of a bill of materials. */
export interface Component {
  /** A package URL: names it in both forms, https://github.com/package-url/purl-spec. */
  purl: string
  kind: 'application' | 'library' | 'platform'
  name: string
  version: string
  /** An expression of SPDX. Undefined if nobody says. */
  licence?: string
  /** For those who look up vulnerabilities by it. */
  cpe?: string
  /** In hex. */
  digest?: { algorithm: 'SHA-256' | 'SHA-512'; hex: string }
  /** Package URLs of what it holds. */
  holds: readonly string[]
}

/** A release, and all that is in it. */
export interface Materials {
  version: string
  /** Seconds since 1970: SOURCE_DATE_EPOCH. */
  epoch: number
  components: readonly Component[]
}
