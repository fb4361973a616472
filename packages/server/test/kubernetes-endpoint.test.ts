import t from 'tap'
import { apiServerUrl } from '../src/cluster/kubernetes/endpoint.ts'

const table: [endpoint: string, url: string][] = [
  ['10.0.0.1:6443', 'https://10.0.0.1:6443'],
  ['10.0.0.1', 'https://10.0.0.1:6443'],
  ['api.example.org:443', 'https://api.example.org:443'],
  ['api.example.org', 'https://api.example.org:6443'],
  ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443'],
  ['[2001:db8::1]', 'https://[2001:db8::1]:6443'],
  ['2001:db8::1', 'https://[2001:db8::1]:6443']
]

for (const [endpoint, url] of table) {
  t.test(`a controlPlaneEndpoint ${endpoint} is reached at ${url}`, async (t) => t.equal(apiServerUrl(endpoint), url))
}
