# A score between 0 and 1 from two measures; the coefficients are those of the last fit.
coefficients <- c(intercept = -1.7, income = 0.00004, debt = -0.00009)

#* @get /healthz
function() {
  list(status = "ok")
}

#* @param income each year
#* @param debt in all
#* @get /score
function(income, debt) {
  terms <- c(1, as.numeric(income), as.numeric(debt))
  list(score = plogis(sum(coefficients * terms)))
}
