import { createServer } from 'node:http'

/**
 * A registry of container images with which something is wrong: `node registry.ts ADDRESS PORT`. The first folder of an image's name says
 * what: `refused/...` asks for credentials that nobody has, `slow/...` never answers, and any other one is unknown here.
 */
const [address, port] = process.argv.slice(2)

const problem = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] })

createServer((request, response) => {
  const [, version, folder] = (request.url ?? '').split('/')
  response.setHeader('Content-Type', 'application/json')
  if (version !== 'v2') response.writeHead(404).end()
  else if (folder === '' || folder === undefined) response.writeHead(200).end('{}')
  else if (folder === 'refused') {
    response.setHeader('WWW-Authenticate', 'Basic realm="bed"')
    response.writeHead(401).end(problem('UNAUTHORIZED', 'authentication required'))
  } else if (folder !== 'slow') response.writeHead(404).end(problem('MANIFEST_UNKNOWN', 'manifest unknown'))
}).listen(Number(port), address)
