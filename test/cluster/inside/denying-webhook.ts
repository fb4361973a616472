import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { json } from 'node:stream/consumers'

/**
 * A webhook of admission that denies everything, with words that a terminal would obey. It runs inside the bed, by the API server's own
 * serving certificate. Arguments: address and port.
 */
const [host, port] = process.argv.slice(2)
const pki = '/etc/kubernetes/pki/apiserver'
const [key, cert] = [await readFile(`${pki}.key`), await readFile(`${pki}.crt`)]

createServer({ key, cert }, async (request, response) => {
  const {
    apiVersion,
    kind,
    request: asked
  } = (await json(request)) as {
    apiVersion: string
    kind: string
    request: { uid: string }
  }
  const status = { code: 403, message: 'not on Fridays \u001b[31m' }
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ apiVersion, kind, response: { uid: asked.uid, allowed: false, status } }))
}).listen(Number(port), host)
