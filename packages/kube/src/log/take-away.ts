import { deletionAnnotation } from '../door/kinds.ts'
import { namespace } from '../names.ts'

/** Line for an administrator's shell that deletes an object which the policies keep from being deleted by mistake. */
export const takeAway = (kind: 'loghead' | 'lease', name: string): string => {
  const kubectl = `kubectl --namespace ${namespace}`
  return `${kubectl} annotate --overwrite ${kind} ${name} ${deletionAnnotation}=true && ${kubectl} delete ${kind} ${name}`
}
