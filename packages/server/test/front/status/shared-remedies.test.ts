import type { LogStatus, ServerStatus } from '@joinery/protocol'
import { given } from '@joinery/protocol/given'
import t from 'tap'
import { sharedRemedies } from '../../../src/front/status/shared-remedies.ts'

const log: LogStatus = {
  number: 1,
  term: 1,
  batches: 0,
  headBytes: 0,
  waiting: 0,
  documents: 0,
  bytes: 0,
  written: 0
}

t.test('each thing that is wrong with what the servers share has one sentence with a command', async (t) => {
  const servers = [
    { url: 'https://a:7443', state: 'active' as const },
    { url: 'https://b:7443', state: 'standby' as const },
    { url: 'https://c:7443', state: 'away' as const }
  ]
  const leadership = { isActive: true, term: 1 }
  t.same(sharedRemedies({ servers: servers.slice(0, 2), leadership, log }), [])
  t.same(sharedRemedies({ servers: [], leadership: undefined }), [], 'a server that has its store for itself')
  t.match(sharedRemedies({ servers, leadership }), [
    /the server at https:\/\/c:7443; .*systemctl status joinery-server$/
  ])
  const trouble = 'connection refused'
  t.match(sharedRemedies({ servers: [], leadership: { ...leadership, trouble } }), [
    /^The Lease of this server cannot be renewed \(connection refused\); see why: journalctl/
  ])
  t.match(sharedRemedies({ servers: [], leadership: { isActive: false, term: 0, trouble } }), [
    /^This server stands by, and could not take over \(connection refused\); see why: journalctl/
  ])
  const unavailable = { since: '2026-11-27T12:00:00Z', why: 'etcd is full' }
  t.match(sharedRemedies({ servers: [], leadership, log: { ...log, unavailable } }), [
    /^Nothing can be written to the log in etcd \(etcd is full\); .*readyz\?verbose$/
  ])
  const refuser = { is: 'webhook' as const, name: 'log.example.org' }
  const byWebhook = [
    /^The webhook log\.example\.org, which is not Joinery's, refuses .*kubectl get validatingwebhookconfigurations,/
  ]
  const refused = { ...log, unavailable: { ...unavailable, refuser }, behind: { why: 'no', refuser } }
  t.match(sharedRemedies({ servers: [], leadership, log: refused }), byWebhook)
  t.equal(sharedRemedies({ servers: [], leadership, log: refused }).length, 1, 'one sentence for one cause')
  t.match(sharedRemedies({ servers: [], leadership, log: { ...log, behind: refused.behind } }), byWebhook)
  t.match(
    sharedRemedies({
      servers: [],
      leadership,
      log: { ...log, behind: { why: 'no', refuser: { ...refuser, is: 'policy' } } }
    }),
    [/^The policy .*kubectl get validatingadmissionpolicies,/]
  )
})

t.test(
  'each server that is there with a step of a rotation before it has one sentence with the lines to paste',
  async (t) => {
    const server = (name: string, state: ServerStatus['state'], pin?: string, nextPin?: string): ServerStatus => ({
      url: `https://${name}:7443`,
      state,
      ...given({ pin, nextPin })
    })
    const sentences = (servers: ServerStatus[]) => sharedRemedies({ servers, leadership: undefined })
    const a = server('a', 'active', 'old', 'next')
    t.same(sentences([a, server('b', 'standby', 'old', 'next')]), [])
    t.match(sentences([a, server('b', 'standby', 'old'), server('c', 'standby')]), [
      /^The server at https:\/\/b:7443 lacks a CA .*; on the host of https:\/\/a:7443 .*keys export.*init --keys/,
      /^The server at https:\/\/c:7443 lacks a CA/
    ])
    t.match(
      sentences([a, server('b', 'away', 'old')]),
      [/^Nothing was heard of the server at https:\/\/b:7443/],
      'one that is away is told of once'
    )
    const done = server('b', 'active', 'next')
    t.match(sentences([done, server('a', 'standby', 'old', 'next')]), [
      /^The server at https:\/\/a:7443 has not put the next CA in place.*rotate-ca --finish/
    ])
    t.match(sentences([done, server('a', 'standby', 'old')]), [
      /^The server at https:\/\/a:7443 lacks a CA .*on the host of https:\/\/b:7443/
    ])
    t.same(sentences([done, server('a', 'standby')]), [], 'one of an earlier version says nothing')
  }
)
