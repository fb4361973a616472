import type { History } from '../history.ts'

/** Whoever holds the token of an attempt gets one certificate by it. */
export const oneCertificate = ({ certificates }: History): string[] =>
  Map.groupBy(certificates, ({ tokenId }) => tokenId)
    .entries()
    .flatMap(([tokenId, issued]) =>
      issued.length === 1 ? [] : [`token ${tokenId} has ${issued.length}: ${issued.map(({ csr }) => csr).join(', ')}`]
    )
    .toArray()
