import { agentRoutes, eventsRoute, operatorRoutes, serverName } from '@joinery/protocol'
import { openApi } from './openapi.ts'
import { problemsPage } from './problems-page.ts'

/** What docs/reference has of the APIs, by file name, made from the tables of their routes and problems. */
export const apiPages = (): Record<string, string> => ({
  'problems.md': problemsPage(),
  'openapi-agents.json': text(
    openApi(agentRoutes, {
      title: 'Joinery: the API of agents',
      description: `What joinery-agent calls on the pairing server: TLS 1.3, HTTP/1.1, JSON. The server's certificate always has the name \`${serverName}\`. A client compares the SHA-256 of the public key of its CA with the pin before it sends anything. A client presents a self-signed P-256 certificate: its key is its identity, so there are no accounts, cookies or bearer tokens, and the enrolment of a call is that of its key. Fields that the server does not know are dropped, since a newer agent may have them. One request at a time for each connection, and one long poll for each key; the rates are in server-configuration.md.`,
      server: {
        url: `https://${serverName}:7443`,
        description: 'The listener `agents.listen` of /etc/joinery/server.yaml'
      },
      security: {
        name: 'agentKey',
        scheme: {
          type: 'mutualTLS',
          description: 'A self-signed client certificate with a P-256 key that the client made. No CA signs it.'
        }
      },
      dropsUnknownFields: true,
      namesOperators: false
    })
  ),
  'openapi-operators.json': text(
    openApi(
      { ...operatorRoutes, events: eventsRoute },
      {
        title: 'Joinery: the API of operators',
        description:
          'What the command `joinery` calls on the pairing server: HTTP/1.1 and JSON on a unix socket that only root can open. Whoever can open the socket is an operator, so a call carries no credential. There is no network listener for it.',
        server: {
          url: `http://${serverName}`,
          description:
            'The socket /run/joinery/operator.sock (`operators.socket` of /etc/joinery/server.yaml); the host only fills the Host header'
        },
        security: undefined,
        dropsUnknownFields: false,
        namesOperators: true
      }
    )
  )
})

const text = (document: object): string => `${JSON.stringify(document, undefined, 2)}\n`
