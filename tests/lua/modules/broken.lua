error("it does not work")
