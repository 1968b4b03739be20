import { describeFixtures } from './fixture-suite.js';
import { describeMutations } from './mutations.js';

describeFixtures('hdf5', ['layouts-v110.h5', 'many.h5']);
describeMutations('hdf5', ['layouts-earliest.h5', 'layouts-v110.h5', 'filters.h5', 'paged.h5'], 40);
