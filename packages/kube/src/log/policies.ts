import { deletionAnnotation } from '../door/kinds.ts'
import { isServer, policyManifest } from '../door/policy-manifest.ts'
import { logPolicy, namespace, serverLease, serverLeasePolicy } from '../names.ts'
import { addressAnnotation, leaseTerms, logGroup } from './kinds.ts'
import { takeAway } from './take-away.ts'

/**
 * Admission policy for the log. The server alone writes it, whatever RBAC says, and not even the server deletes the head: a new head
 * knows nothing of the old one. Others may annotate an object, so that they can delete it. They may not put an owner or a finalizer on
 * it: the owner's end, or the finalizer, would take it away or keep it.
 */
const objectsPolicy = policyManifest(
  logPolicy,
  [`{apiGroups: [${logGroup}], apiVersions: ["*"], operations: [CREATE, UPDATE, DELETE], resources: ["*/*"]}`],
  `
  variables:
  - {name: isServer, expression: "${isServer}"}
  - {name: deletes, expression: "request.operation == 'DELETE'"}
  - {name: isNoted, expression: "request.operation == 'UPDATE' && object.?spec == oldObject.?spec"}
  - name: mayGo
    expression: >-
      (variables.isServer && request.resource.resource == 'logdocuments')
        || (has(oldObject.metadata.annotations) && '${deletionAnnotation}' in oldObject.metadata.annotations)
  validations:
  - expression: variables.deletes || variables.isServer || variables.isNoted
    message: the pairing server alone writes its log
  - expression: >-
      variables.deletes || variables.isServer || (!has(object.metadata.finalizers)
        && !has(object.metadata.ownerReferences) && object.metadata.?annotations.orValue({}).size() <= 8
        && object.metadata.?labels.orValue({}).size() <= 16)
    message: it has no finalizer and no owner, at most 8 annotations, and at most 16 labels
  - expression: "!variables.deletes || variables.mayGo"
    messageExpression: >-
      'what the pairing server knows would go with it; if that is meant: kubectl --namespace ${namespace} annotate '
        + request.resource.resource + ' ' + oldObject.metadata.name + ' ${deletionAnnotation}=true'`
)

/**
 * Admission policy for the Leases in the namespace of Joinery. The server alone writes its own, and no others there. No server deletes the
 * one that says which server is active, and its term never goes back: a lower term would be given twice. The term grows in small steps, since
 * at its end no server becomes active any more. Others may only annotate that Lease, so that they can delete it. A server deletes the
 * Leases of servers that are gone.
 */
const leasesPolicy = policyManifest(
  serverLeasePolicy,
  ['{apiGroups: [coordination.k8s.io], apiVersions: ["*"], operations: [CREATE, UPDATE, DELETE], resources: [leases]}'],
  `
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ${namespace}}}
  variables:
  - {name: deletes, expression: "request.operation == 'DELETE'"}
  - {name: lease, expression: "variables.deletes ? oldObject.metadata.name : object.metadata.name"}
  - {name: isActive, expression: "variables.lease == '${serverLease}'"}
  - {name: isOurs, expression: "variables.isActive || variables.lease.startsWith('${serverLease}-')"}
  - {name: isServer, expression: "${isServer}"}
  - name: isNoted
    expression: >-
      variables.isActive && request.operation == 'UPDATE' && object.?spec == oldObject.?spec
        && object.metadata.?annotations[?'${addressAnnotation}'] == oldObject.metadata.?annotations[?'${addressAnnotation}']
  - name: mayGo
    expression: >-
      variables.isActive && variables.deletes && !variables.isServer
        && has(oldObject.metadata.annotations) && '${deletionAnnotation}' in oldObject.metadata.annotations
  - {name: term, expression: "variables.deletes ? 0 : object.?spec.?leaseTransitions.orValue(0)"}
  - name: before
    expression: "request.operation == 'UPDATE' ? oldObject.?spec.?leaseTransitions.orValue(0) : 0"
  validations:
  - expression: variables.isOurs == variables.isServer || variables.isNoted || variables.mayGo
    messageExpression: >-
      !variables.isOurs ? 'Joinery writes no other Lease than its own'
        : 'the pairing server alone says which server is active' + (variables.isActive && variables.deletes
        ? '; if it must be made anew: ${takeAway('lease', serverLease)}' : '')
  - expression: "!variables.isActive || !variables.deletes || variables.mayGo"
    message: no server deletes it, since the term would begin again
  - expression: >-
      !variables.isActive || variables.deletes || (!has(object.metadata.finalizers) && !has(object.metadata.ownerReferences))
    message: it has no finalizer and no owner
  - expression: >-
      !variables.isActive || variables.deletes || (request.operation == 'CREATE' ? variables.term <= ${leaseTerms.first}
        : variables.term >= variables.before && variables.term <= variables.before + ${leaseTerms.step})
    message: a term never goes back, and grows in small steps`
)

/** Manifests of the admission policies for the log and the servers' Leases. They are there with every store. */
export const logPolicies: readonly string[] = [objectsPolicy, leasesPolicy]
