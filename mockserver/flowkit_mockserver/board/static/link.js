// Links of FATE Flow name the job behind a "#", which browsers do not send: this goes on to the job's page.
"use strict";
(() => {
  const { job, jobs } = document.currentScript.dataset;
  const given = new URLSearchParams(location.hash.split("?")[1] || "");
  const named = new URLSearchParams();
  for (const name of ["job_id", "role", "party_id"]) {
    if (given.get(name)) named.set(name, given.get(name));
  }
  location.replace(named.has("job_id") ? `${job}?${named}` : jobs);
})();
