import { type DependencyContainer, type InjectionToken, instanceCachingFactory } from 'tsyringe'

type Make<Part> = (container: DependencyContainer) => Part

/** Registers a part, which is made once, when it is first asked for. A later registration takes its place. */
export const once = <Part>(container: DependencyContainer, token: InjectionToken<Part>, make: Make<Part>): void => {
  container.register(token, { useFactory: instanceCachingFactory(make) })
}

/** Registers one more part of a kind, of which `all` gives each. It is made once, when the first is asked for. */
export const also: typeof once = (container, token, make) => once(container, token, make)

/** Every part that was registered for a token, in that order. */
export const all = <Part>(container: DependencyContainer, token: InjectionToken<Part>): Part[] =>
  container.isRegistered(token) ? container.resolveAll(token) : []

/** The part, if one was registered. */
export const ifThere = <Part>(container: DependencyContainer, token: InjectionToken<Part>): Part | undefined =>
  container.isRegistered(token) ? container.resolve(token) : undefined
