// The fake cloud, for the stories.
import { fakeOpenstack } from '../fake-openstack.ts'
import type { TruthSite } from './site.ts'

export async function fakeSite(): Promise<TruthSite> {
  let ahead = 0
  const cloud = await fakeOpenstack({ stepTime: 2, now: () => Date.now() + ahead })
  return {
    authUrl: cloud.authUrl,
    username: cloud.user.name,
    password: cloud.user.password,
    project: cloud.project.name,
    image: cloud.baseImage.id,
    flavor: 'small',
    patience: 5000,
    pause: 1,
    hold: (step) => cloud.hold(step),
    nextSecond: async () => {
      ahead += 1100
    },
    [Symbol.asyncDispose]: () => cloud.close(),
  }
}
