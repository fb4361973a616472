import { codePolicy, decisionPolicy, definitionPolicy, namespace, viewPolicy } from '../names.ts'
import { deletionAnnotation, doorGroup, type Resource } from './kinds.ts'
import { bounded, isServer, policyManifest } from './policy-manifest.ts'

const rule = (operations: string, ...resources: string[]): string =>
  `{apiGroups: [${doorGroup}], apiVersions: ["*"], operations: ${operations}, resources: [${resources.join(', ')}]}`

/**
 * Admission policy for objects by which operators ask for something. Each is `a WORD`. It holds `by` to the user who really asks,
 * lets nobody change what was made, and keeps the status to the server. The name stays the one that was asked for, whatever changes the
 * object on its way: it binds what is in it. The server is not exempt: it makes none, so its own dry run proves that the policy is there.
 */
const askedPolicy = (name: string, resource: Resource, word: string, variables: string, validations: string): string =>
  policyManifest(
    name,
    [rule('[CREATE, UPDATE]', resource, `${resource}/status`)],
    `
  variables:
  - {name: isStatus, expression: "has(request.subResource) && request.subResource == 'status'"}
  - {name: isSpec, expression: "request.operation == 'CREATE'"}${variables}
  validations:
  - expression: "!variables.isStatus || ${isServer}"
    message: the pairing server alone says what became of a ${word}
  - expression: "variables.isStatus || variables.isSpec || object.spec == oldObject.spec"
    message: "nobody changes it: make another one"
  - expression: "!variables.isSpec || object.spec.by == request.userInfo.username"
    messageExpression: "'a ${word} names who made it: ' + request.userInfo.username"
  - expression: "!variables.isSpec || object.metadata.name == request.name"
    message: nothing renames it on its way${validations}${bounded}`
  )

/**
 * Admission policy for Decisions. It asks the authorizer whether the user has the verb of the verdict, by the role that the
 * decision names. A machine that comes in as a control plane takes the verb for control planes as well, and so does a release: it
 * chooses the key that comes in.
 */
const decisionsPolicy = askedPolicy(
  decisionPolicy,
  'decisions',
  'decision',
  `
  - {name: enrolment, expression: "authorizer.group('${doorGroup}').resource('enrolments').name(object.spec.enrolment)"}
  - {name: letsIn, expression: "object.spec.verdict in ['approve', 'retry', 'replace', 'release']"}`,
  `
  - expression: >-
      !variables.isSpec || !variables.letsIn || object.spec.role != 'control-plane'
        || variables.enrolment.check('approve-control-plane').allowed()
    messageExpression: "request.userInfo.username + ' may not approve-control-plane enrolments'"
  - expression: "!variables.isSpec || variables.enrolment.check(object.spec.verdict).allowed()"
    messageExpression: "request.userInfo.username + ' may not ' + object.spec.verdict + ' enrolments'"
  - expression: >-
      !variables.isSpec || object.spec.verdict != 'replace' || object.spec.role == 'control-plane'
        || variables.enrolment.check('approve').allowed()
    messageExpression: "request.userInfo.username + ' may not approve enrolments'"`
)

/** Admission policy for the views. The server alone writes and deletes them, whatever RBAC says. */
const viewsPolicy = policyManifest(
  viewPolicy,
  [rule('[CREATE, UPDATE, DELETE]', 'enrolments', 'enrolments/status', 'installations', 'installations/status')],
  `
  validations:
  - {expression: "${isServer}", message: the pairing server alone writes what it shows}`
)

/**
 * Admission policy for Codes. It asks the authorizer for the verb of the role, and for `label` if the code gives labels or taints. A code
 * may take a decision from those who approve: a rule rests on it, its machines come back by themselves, or their failing checks do not
 * count. Then it asks for the verbs of a Decision that approves such a machine. The server deletes Codes that are over.
 */
const codesPolicy = askedPolicy(
  codePolicy,
  'codes',
  'code',
  `
  - {name: codes, expression: "authorizer.group('${doorGroup}').resource('codes')"}
  - {name: verb, expression: "object.spec.role == 'control-plane' ? 'invite-control-plane' : 'invite'"}
  - {name: labels, expression: "has(object.spec.labels) && object.spec.labels.size() > 0"}
  - {name: taints, expression: "has(object.spec.taints) && object.spec.taints.size() > 0"}
  - {name: enrolments, expression: "authorizer.group('${doorGroup}').resource('enrolments')"}
  - {name: rests, expression: "has(object.spec.proof) && object.spec.proof"}
  - {name: returns, expression: "has(object.spec.recover) && !(object.spec.recover in ['ask', 'never'])"}
  - name: ignores
    expression: "has(object.spec.policy) && has(object.spec.policy.ignore) && object.spec.policy.ignore.size() > 0"
  - {name: decides, expression: "variables.isSpec && (variables.rests || variables.returns || variables.ignores)"}
  - name: what
    expression: "variables.rests ? 'proof' : variables.returns ? 'recover: auto' : 'ignored checks'"`,
  `
  - expression: "!variables.isSpec || variables.codes.check(variables.verb).allowed()"
    messageExpression: "request.userInfo.username + ' may not ' + variables.verb + ' machines'"
  - expression: "!variables.isSpec || !(variables.labels || variables.taints) || variables.codes.check('label').allowed()"
    messageExpression: "request.userInfo.username + ' may not give labels or taints'"
  - expression: "!variables.decides || variables.enrolments.check('approve').allowed()"
    messageExpression: "request.userInfo.username + ' may not approve enrolments, as a code with ' + variables.what + ' does'"
  - expression: >-
      !variables.decides || object.spec.role != 'control-plane'
        || variables.enrolments.check('approve-control-plane').allowed()
    messageExpression: >-
      request.userInfo.username + ' may not approve-control-plane enrolments, as a code with ' + variables.what + ' does'`
)

/**
 * Admission policy for the CustomResourceDefinitions, those of the log too, and for the namespace of Joinery. To delete one would delete
 * everything in it.
 */
const definitionsPolicy = policyManifest(
  definitionPolicy,
  [
    '{apiGroups: [apiextensions.k8s.io], apiVersions: ["*"], operations: [DELETE], resources: [customresourcedefinitions]}',
    '{apiGroups: [""], apiVersions: ["*"], operations: [DELETE], resources: [namespaces]}'
  ],
  `
  matchConditions:
  - {name: of-joinery, expression: "oldObject.metadata.name.endsWith('.${doorGroup}') || oldObject.metadata.name == '${namespace}'"}
  variables:
  - {name: kind, expression: "request.resource.resource == 'namespaces' ? 'namespace' : 'crd'"}
  validations:
  - expression: >-
      has(oldObject.metadata.annotations) && '${deletionAnnotation}' in oldObject.metadata.annotations
    messageExpression: >-
      'its objects would go with it; if that is meant: kubectl annotate ' + variables.kind + ' '
        + oldObject.metadata.name + ' ${deletionAnnotation}=true'`
)

/** Manifests of the door's admission policies. */
export const doorPolicies: readonly string[] = [decisionsPolicy, viewsPolicy, codesPolicy, definitionsPolicy]
