// The library is the console's own file; the service gives it out under this folder too.
export * from "../../console/vendor.js";
