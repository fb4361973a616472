import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeAuthority, makeKey, makeLeaf, readKeyPair } from '@joinery/server/testing/keys'
import type { Test } from 'tap'

export const agentPackage = Buffer.alloc(200_000, 'deb')
const sha256 = createHash('sha256').update(agentPackage).digest('hex')
const path = `/install/sha256/${sha256}.deb`

export const makeCertificateAuthority = async () => {
  const pair = readKeyPair(makeKey())
  return { pair, certificate: await makeAuthority(pair, new Date()) }
}

/**
 * A server that has `agentPackage`, with certificates as `joinery-server init` makes them for `address`. Gives what
 * user-data tells a machine about it.
 */
export const servePackage = async (t: Test, address = '127.0.0.1') => {
  const authority = await makeCertificateAuthority()
  const key = makeKey()
  const leaf = await makeLeaf(authority, readKeyPair(key), [address], new Date())
  const tls = { key, cert: `${leaf}\n${authority.certificate}`, minVersion: 'TLSv1.3' } as const
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    response.statusCode = request.url === path ? 200 : 404
    response.end(agentPackage)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    sha256,
    size: agentPackage.length,
    certificateAuthority: authority.certificate
  }
}
