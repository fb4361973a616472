import { apiEndpoint } from '../../../src/machine/preflight/api-endpoint.ts'
import { table } from './check-table.ts'

table(apiEndpoint('172.30.0.1:6443'), [
  { name: 'answers', machine: {}, verdict: 'pass', finding: /^172\.30\.0\.1:6443 answers$/ },
  {
    name: 'refused',
    machine: { unreachable: { '172.30.0.1:6443': 'ECONNREFUSED' } },
    verdict: 'fail',
    finding: /refuses the connection/,
    remedy: /^allow TCP port 6443 from this machine to 172\.30\.0\.1/
  },
  {
    name: 'no answer',
    machine: { unreachable: { '172.30.0.1:6443': 'ETIMEDOUT' } },
    verdict: 'fail',
    finding: /does not answer: a firewall drops it/,
    remedy: /TCP port 6443 from this machine/
  },
  {
    name: 'no route',
    machine: { unreachable: { '172.30.0.1:6443': 'ENETUNREACH' } },
    verdict: 'fail',
    finding: /no route/,
    remedy: /TCP port 6443/
  }
])

table(apiEndpoint('api.example.com:6443'), [
  {
    name: 'a name that does not exist',
    machine: { unreachable: { 'api.example.com:6443': 'ENOTFOUND' } },
    verdict: 'fail',
    finding: /name that DNS does not know/,
    remedy: /^resolvectl query api\.example\.com$/
  },
  {
    name: 'no DNS server',
    machine: { unreachable: { 'api.example.com:6443': 'EAI_AGAIN' } },
    verdict: 'fail',
    finding: /no DNS server answers/,
    remedy: /^resolvectl query/
  }
])

table(apiEndpoint('[fd00::1]:6443'), [
  {
    name: 'IPv6',
    machine: { unreachable: { 'fd00::1:6443': 'ECONNREFUSED' } },
    verdict: 'fail',
    finding: /^\[fd00::1\]:6443 refuses/,
    remedy: /to fd00::1/
  }
])

for (const wrong of ['api.example.com', 'https://api.example.com:6443/', ':6443', '']) {
  table(apiEndpoint(wrong), [
    { name: wrong, machine: {}, verdict: 'fail', finding: /is not host:port/, remedy: /agent\.yaml/ }
  ])
}
