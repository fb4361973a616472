import type { ProblemCode } from '@joinery/protocol'

/** The usual cause of a problem, and what a person does about it, in Markdown. */
export interface ProblemWords {
  cause: string
  remedy: string
}

/** One entry for each code. An answer says more: its `detail` names the thing, and its `remedy` the command. */
export const problemWords: Record<ProblemCode, ProblemWords> = {
  'invalid-request': {
    cause: 'a field is missing, has another type, or is not in [the description](api.md)',
    remedy: 'correct the request; a command of the same version never sends one'
  },
  'invalid-name': {
    cause: 'the name is no RFC 1123 subdomain, or another code names it',
    remedy:
      'choose another name, or [give the machine the code of that name](../how-to/fleets.md#what-a-code-for-many-says)'
  },
  'invalid-network': {
    cause: 'a network of `--from` is no CIDR',
    remedy: 'write it like `192.0.2.0/24` or `2001:db8::/32`'
  },
  'invalid-label': {
    cause: 'a kubelet or the control plane sets this label, or there are too many',
    remedy: 'leave it out; [no code can give these](../how-to/fleets.md#labels-taints-and-roles)'
  },
  'invalid-taint': {
    cause: 'the control plane sets this taint, or it is given twice',
    remedy: 'leave it out; [no code can give these](../how-to/fleets.md#labels-taints-and-roles)'
  },
  'invalid-gate': {
    cause: 'the gate is none of `condition:`, `daemonset:` and `pod:`, or it is given twice',
    remedy: 'write it as [the page of gates](../how-to/ready-for-work.md) does'
  },
  'certificate-required': {
    cause: 'the caller came to the port of agents without a client certificate',
    remedy: 'nothing, if it was a scanner; a client presents a self-signed P-256 certificate'
  },
  'joins-full': {
    cause: 'as many machines join as `joinsAtOnce` allows, or fewer while the API server is slow',
    remedy:
      'nothing: the machine waits for its turn, and nothing of its approval is spent; `joinery status` shows the bound'
  },
  'recovery-not-yet': {
    cause: 'the Node is Ready still, and its kubelet may have ended a moment ago',
    remedy: 'nothing: the machine asks again by itself; [what it waits for](../how-to/way-back.md)'
  },
  'code-not-accepted': {
    cause:
      'the code is mistyped, or belongs to another key, or all uses are taken, or the machine comes from another network. The server does not say which',
    remedy: '`joinery code show ID` says which, and who tried; then make another code'
  },
  'code-expired': {
    cause: 'the first use came after the lifetime of the code',
    remedy: '`joinery code create --name NAME`, with a longer `--ttl` if the machine is slow to boot'
  },
  'code-revoked': { cause: 'an operator revoked the code', remedy: 'make another code, if the machine may come' },
  'code-over': {
    cause: 'a Code with this hash was there before, and somebody made it again or restored it',
    remedy: 'make a new code; [keep no Code in Git](../how-to/gitops.md#never-in-git)'
  },
  'request-not-approved': {
    cause: 'the request for a certificate has another key or name than the approved machine',
    remedy: 'treat the machine as stolen, unless its agent is old: then upgrade the agent'
  },
  'not-found': {
    cause: 'no enrolment, code, Node or path has this name or id',
    remedy: '`joinery list` or `joinery code list` shows what there is'
  },
  'method-not-allowed': {
    cause: 'the path has no such method; the header `Allow` has those that it has',
    remedy: 'use one of [the description](api.md)'
  },
  'request-timeout': {
    cause: 'the request did not come to its end within its time',
    remedy: 'send it again, in one piece'
  },
  'illegal-event': {
    cause: 'the enrolment is in a state that does not allow this',
    remedy: '`joinery show NAME` has the state; [what each state allows](states.md)'
  },
  'credential-unavailable': {
    cause: 'the server is set to client certificates and makes no bootstrap tokens',
    remedy: '`joinery code create --credential certificate`; [more](../how-to/certificates.md)'
  },
  'diagnosis-off': {
    cause: 'a gate for Pods, or a question about Pods, needs `diagnosis: on`',
    remedy: '[let the server see more](../how-to/not-ready.md#let-the-server-see-more)'
  },
  'not-granted': {
    cause: 'a control plane claims, and root has not granted it the keys in the last 15 minutes',
    remedy: 'as root on a control-plane host: `joinery grant NAME`'
  },
  'control-plane-busy': {
    cause: 'another control plane is joining, and one joins at a time',
    remedy: 'nothing: the machine asks again by itself'
  },
  'no-stable-endpoint': {
    cause: 'kubeadm-config names no `controlPlaneEndpoint`',
    remedy: '[give the API servers one stable name](../how-to/control-planes.md#before-the-first-one)'
  },
  'already-enrolled': {
    cause: 'this key has a live enrolment, or the same machine has enrolled again since',
    remedy: 'decide about the newer one: `joinery list`'
  },
  'ambiguous-id': {
    cause: 'several ids end or begin with these characters',
    remedy: 'give more characters of the end, or the name'
  },
  'name-in-use': {
    cause: 'a Node, a Pod or another enrolment has the name',
    remedy:
      '`joinery approve NAME --replace` if this machine [takes its place](../how-to/remove-and-replace.md#replace)'
  },
  'machine-not-unique': {
    cause: 'another machine has the same machine id, system UUID or MAC address: a copied disk or virtual machine',
    remedy: '`joinery show NAME` names the other one and has the commands'
  },
  'preflight-failed': {
    cause: 'a check fails on the machine, so it gets no credential',
    remedy: '`joinery-agent preflight` on the machine has the commands; [the checks](preflight.md)'
  },
  'revision-changed': {
    cause: 'the machine, or the Node that makes room, has changed since somebody looked',
    remedy: 'look again, and decide again'
  },
  'recovery-not-needed': {
    cause: 'the Node of the machine that asks for the way back is Ready',
    remedy: 'nothing, if the kubelet has just ended; else [look for a copy](../how-to/way-back.md#what-is-refused)'
  },
  'recovery-refused': {
    cause: 'a ban, another identity, a freeze or a policy stands against the way back',
    remedy: '`joinery show NAME` says which; [the table](../how-to/way-back.md#what-is-refused)'
  },
  'node-gone': {
    cause: 'somebody deleted the Node of the machine that asks for the way back',
    remedy: 'let the machine join again: `joinery remove NAME`, then a new code'
  },
  'too-large': { cause: 'the body of the request is over 64 KiB', remedy: 'nothing: no program of Joinery sends that' },
  'too-many-requests': {
    cause: 'the caller is over [a budget](server-configuration.md#budgets)',
    remedy: 'nothing: the answer says in `Retry-After` how long to wait, and an agent does'
  },
  internal: {
    cause: 'something went wrong that has no code of its own',
    remedy:
      '`journalctl --unit joinery-server` has the error; report it with [a support bundle](../how-to/day-to-day.md#a-support-bundle)'
  },
  'agent-package-missing': {
    cause: 'the package that `agentPackage` names, or a code, is not on the host of the server',
    remedy: 'correct `agentPackage` in `/etc/joinery/server.yaml`, restart the server, make new codes'
  },
  'cluster-unavailable': {
    cause: 'the Kubernetes API does not answer, or answers with an error',
    remedy: '`joinery status` says what it answered; machines wait, and go on by themselves'
  },
  'cluster-unsafe': {
    cause: 'an admission policy of Joinery is missing, or a binding lets a token become any node',
    remedy:
      '`joinery-server setup --kubeconfig /etc/kubernetes/admin.conf`, or what [the doctor](../how-to/harden.md) says'
  },
  'certificate-not-issued': {
    cause: 'a request was approved and kube-controller-manager issued no certificate within 10 seconds',
    remedy: '`kubectl describe csr NAME`; with [an external CA](../how-to/certificates.md) nobody issues one'
  },
  'no-statement': {
    cause: 'nobody has fixed the endpoint of the cluster since the server was upgraded, or the server has just started',
    remedy: '`joinery-server setup` on the host of that server'
  },
  'not-active': {
    cause: 'of several servers this one is not the active one, and only stands by',
    remedy: 'nothing: its signed statement names the others, and an agent goes on there'
  },
  'store-unavailable': {
    cause: 'the database of the server cannot be read or written',
    remedy: 'look at the disk of `/var/lib/joinery-server`, and at the owner of its files'
  },
  'store-damaged': {
    cause: 'the database of the server is damaged',
    remedy: '[a new store, or an old one](../how-to/back-up.md#a-new-store-or-an-old-one)'
  },
  'store-newer': {
    cause: 'a newer joinery-server wrote the store',
    remedy: 'install that version again, or restore a backup from before the upgrade'
  },
  'store-full': {
    cause: 'the disk of the store is full',
    remedy: 'make room: `df --human-readable /var/lib/joinery-server`'
  }
}
