import { deletionAnnotation } from '../../door/kinds.ts'
import { isServer, policyManifest } from '../../door/policy-manifest.ts'
import { banListPolicy, generationAnnotation, banList as name, namespace } from '../../names.ts'

/**
 * ConfigMap of the names that joinery-ban refuses, each with the reason. It is applied without data, which the server
 * owns.
 */
const list = `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: ${namespace}}
`

/**
 * Admission policy for the ban list. The server alone writes node names with a reason into the list, and the number of its store. It
 * writes no other ConfigMap. Others make the list empty, and may label and annotate it. Nobody freezes it (immutable), or has it collected (an
 * owner): that would lift the bans. Only somebody who may delete the whole namespace deletes the list, and says so first. A deletion of the
 * namespace takes the list along: joinery-definitions has asked about that already.
 *
 * The name is that of the object. A deletion of all ConfigMaps of a namespace at once names none in the request.
 */
const policy = policyManifest(
  banListPolicy,
  ['{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE, DELETE], resources: [configmaps]}'],
  `
  matchConditions:
  - name: of-the-server-or-the-list
    expression: >-
      ${isServer} || (request.namespace == '${namespace}'
        && (request.operation == 'DELETE' ? oldObject : object).metadata.name == '${name}')
  variables:
  - {name: isServer, expression: "${isServer}"}
  - {name: deletes, expression: "request.operation == 'DELETE'"}
  - {name: data, expression: "request.operation == 'UPDATE' ? oldObject.?data : optional.none()"}
  - name: number
    expression: >-
      request.operation == 'UPDATE' ? oldObject.metadata.?annotations[?'${generationAnnotation}'] : optional.none()
  - name: mayGo
    expression: >-
      namespaceObject.?status.?phase.orValue('') == 'Terminating'
        || ('${deletionAnnotation}' in oldObject.metadata.?annotations.orValue({})
        && authorizer.group('').resource('namespaces').namespace('${namespace}').name('${namespace}').check('delete').allowed())
  validations:
  - expression: >-
      !variables.isServer
        || (request.operation == 'UPDATE' && request.namespace == '${namespace}' && request.name == '${name}')
    message: Joinery writes no ConfigMap but its ban list
  - expression: >-
      variables.deletes || variables.isServer || (object.?data == variables.data
        && object.metadata.?annotations[?'${generationAnnotation}'] == variables.number)
    message: the pairing server alone writes the ban list; apply it without data, and the server writes its names again
  - expression: "!variables.deletes || variables.mayGo"
    messageExpression: >-
      'all bans would be lifted; who may delete the namespace may delete the list, after: kubectl --namespace ${namespace} annotate configmap '
        + oldObject.metadata.name + ' ${deletionAnnotation}=true'
  - expression: >-
      variables.deletes || (!has(object.immutable) && !has(object.binaryData)
      && !has(object.metadata.ownerReferences) && !has(object.metadata.finalizers))
    message: the ban list must stay a list that can be changed and is not collected
  - expression: >-
      variables.deletes || !has(object.data) || object.data.all(name, object.data[name].size() <= 1024
      && name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'))
    message: the ban list holds node names, each with a reason of at most 1024 characters`
)

export const banList = `${list}---${policy}`
